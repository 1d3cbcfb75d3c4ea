import { assertNever } from '../assertNever.ts';
import type { HubErrorKind } from '../hub/hubError.ts';

/**
 * The result of reconciling one spec on one device.
 *
 * - `created`, `updated`, `removed`: the module was created, its twin written, or it was removed (in a dry run: would be).
 * - `unchanged`: the module was already as the spec wants it.
 * - `gone`: the device does not exist. `excluded`: the spec does not select this device.
 * - `blocked`: the hub refuses until an operator changes something; `reason` says what.
 * - `failed`: all attempts failed.
 */
export type Outcome = 'created' | 'updated' | 'removed' | 'unchanged' | 'gone' | 'excluded' | 'blocked' | 'failed';

/** How the rest of the code treats an outcome. */
interface OutcomeFacts {
  /** Whether a pending device with this outcome is not tried again. */
  final: boolean;
  /** Whether nothing is wrong, so that telemetry may sample the log lines. */
  good: boolean;
  /** Whether the outcome gets a line in the failures of a run. */
  reported: boolean;
  /** How the pair counts in the coverage of a hub. */
  coverage: 'covered' | 'uncovered' | 'ignored';
  /** Whether the hub was changed; `stop.maxChanges` limits these outcomes. */
  changed: boolean;
  /** Whether the outcome proves that the hub serves the app: it follows from a response, `failed` from responses to other calls. */
  servedByHub: boolean;
}

/** The only place that defines how each outcome is treated; a new outcome does not compile until it has a row here. */
export const outcomeFacts: Readonly<Record<Outcome, OutcomeFacts>> = {
  created: { final: true, good: true, reported: false, coverage: 'covered', changed: true, servedByHub: true },
  updated: { final: true, good: true, reported: false, coverage: 'covered', changed: true, servedByHub: true },
  removed: { final: true, good: true, reported: false, coverage: 'covered', changed: true, servedByHub: true },
  unchanged: { final: true, good: true, reported: false, coverage: 'covered', changed: false, servedByHub: true },
  gone: { final: false, good: false, reported: false, coverage: 'ignored', changed: false, servedByHub: true },
  excluded: { final: true, good: true, reported: false, coverage: 'ignored', changed: false, servedByHub: false },
  blocked: { final: true, good: false, reported: true, coverage: 'uncovered', changed: false, servedByHub: false },
  failed: { final: false, good: false, reported: true, coverage: 'uncovered', changed: false, servedByHub: true },
};

/** Every outcome. */
export const outcomes = Object.keys(outcomeFacts) as Outcome[];

/** Whether `value` is a good outcome. False for a value that is no outcome. */
export function isGoodOutcome(value: unknown): boolean {
  return outcomes.some((outcome) => outcome === value && outcomeFacts[outcome].good);
}

/** An outcome with its reason. */
export interface Verdict {
  outcome: Outcome;
  /** Always set for `excluded`, `blocked` and `failed`. */
  reason?: string;
}

/** The outcome of one spec on a device that the context names. */
export interface ModuleOutcome extends Verdict {
  moduleId: string;
}

/** The outcome of one spec on one device. */
export interface DeviceModuleOutcome extends ModuleOutcome {
  deviceId: string;
}

/** The verdict on the device of a refused call; undefined if the refusal says nothing about that device. */
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
    case 'etagMismatch':
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
      return assertNever(kind);
  }
}
