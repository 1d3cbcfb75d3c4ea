import type { ModuleCreation } from '../hub/registry.ts';
import type { DeviceModuleOutcome } from './outcome.ts';

/** What a bulk call came to. */
export interface BulkAnswer {
  settled: DeviceModuleOutcome[];
  /** What the answer does not tell. */
  open: ModuleCreation[];
  /** Whether a module of `open` that is there now can be of this call. */
  mayHaveMade: boolean;
  /** The creations that are settled: they show that the hub serves others. */
  servedBefore: ModuleCreation[];
  /** How many rounds of looking up those of `open` have failed already, each of them at the least. */
  roundsBefore: number;
  /** How often some of `open` have failed by themselves already, while the hub served others. */
  ownFailuresBefore: ReadonlyMap<ModuleCreation, number>;
}

/** Takes down what a look-up comes to, as it comes: a slice may end at any moment. */
export interface SettleNotes {
  settled(outcome: DeviceModuleOutcome): void;
  /** It is about to be created singly; whatever becomes of the answer, the hub may have made it. */
  asked(creation: ModuleCreation): void;
  /** One more round of looking it up has failed; `own`: while the hub served others. */
  troubled(creation: ModuleCreation, own: boolean): void;
}
