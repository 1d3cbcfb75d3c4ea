import type { HubErrorKind } from '../hub/hubError.ts';
import { unreachable } from '../unreachable.ts';

/**
 * The result of reconciling one spec on one device.
 *
 * - `created`: the module was created (in a dry run: it would be). `unchanged`: it was there already.
 * - `gone`: the device no longer exists. `excluded`: the spec does not select this device.
 * - `blocked`: the hub refuses until somebody changes something; `reason` says what.
 * - `failed`: tried, and retried, without success.
 */
export type Outcome = 'created' | 'unchanged' | 'gone' | 'excluded' | 'blocked' | 'failed';

/** What an outcome means to whoever asks. */
interface OutcomeFacts {
  /** A verdict: a pending device is not tried again for it. */
  settled: boolean;
  /** Nothing is wrong, so telemetry may sample it and no line is written to the failures. */
  good: boolean;
  /** Gets a line in the failures of a run. */
  reported: boolean;
  /** Whether the pair counts in the coverage of a hub, and how. */
  coverage: 'covered' | 'uncovered' | 'ignored';
  /** The hub was changed; what `stop.maxChanges` counts. */
  changed: boolean;
  /** Only the hub can have said so, which shows that it serves the app. */
  servedByHub: boolean;
}

/** The one place that says what each outcome means; a new outcome does not compile until it stands here. */
export const outcomeFacts: Readonly<Record<Outcome, OutcomeFacts>> = {
  created: { settled: true, good: true, reported: false, coverage: 'covered', changed: true, servedByHub: true },
  unchanged: { settled: true, good: true, reported: false, coverage: 'covered', changed: false, servedByHub: true },
  gone: { settled: false, good: false, reported: false, coverage: 'ignored', changed: false, servedByHub: true },
  excluded: { settled: true, good: true, reported: false, coverage: 'ignored', changed: false, servedByHub: false },
  blocked: { settled: true, good: false, reported: true, coverage: 'uncovered', changed: false, servedByHub: false },
  failed: { settled: false, good: false, reported: true, coverage: 'uncovered', changed: false, servedByHub: true },
};

export const outcomes = Object.keys(outcomeFacts) as Outcome[];

/** Whether telemetry may leave out a line with this outcome among its fields; any other value is an outcome nobody knows. */
export function isGoodOutcome(value: unknown): boolean {
  return outcomes.some((outcome) => outcome === value && outcomeFacts[outcome].good);
}

export interface Verdict {
  outcome: Outcome;
  /** Always set for `excluded`, `blocked` and `failed`. */
  reason?: string;
}

export interface ModuleOutcome extends Verdict {
  moduleId: string;
}

/** The same, where several devices are concerned. */
export interface DeviceModuleOutcome extends ModuleOutcome {
  deviceId: string;
}

/** What a refusal means for the device that the call was about; undefined where it says nothing about that device. */
export function verdictOf(kind: HubErrorKind, code: string | undefined): Verdict | undefined {
  switch (kind) {
    case 'deviceNotFound':
      return { outcome: 'gone' };
    case 'deviceDisabled':
      return { outcome: 'blocked', reason: 'disabled' };
    case 'tooManyModules':
    case 'tierWithoutModules':
      return { outcome: 'blocked', reason: kind };
    case 'moduleNotFound':
    case 'invalid':
      return { outcome: 'failed', reason: code ?? kind };
    case 'moduleExists':
      return { outcome: 'unchanged' };
    case 'unauthorized':
    case 'forbidden':
    case 'identityCap':
    case 'dailyQuota':
    case 'throttled':
    case 'limited':
    case 'unavailable':
      return undefined;
    default:
      return unreachable(kind);
  }
}
