import type { Change, Exemption, Failure } from '../api/deviceSchemas.ts';
import { parsedLines } from '../parsedJson.ts';
import { exemptionStates } from '../policy/exemption.ts';
import { adviceForOutcome } from '../reconcile/adviceForOutcome.ts';

/** Which lines to return: those that match every member. `deviceId` matches ids that begin with it; the others must be equal. */
export interface LineFilter {
  moduleId?: string;
  outcome?: string;
  state?: string;
  reason?: string;
  deviceId?: string;
}

/** Returns the matching lines of a run's failures, each with advice. A line that is not understood is left out. */
export function* failureLines(ndjson: string, filter: LineFilter): Generator<Failure> {
  for (const line of linesOf(ndjson)) {
    const { deviceId, moduleId, outcome, reason } = line;
    if (typeof deviceId !== 'string' || typeof moduleId !== 'string') continue;
    if (outcome !== 'failed' && outcome !== 'blocked') continue;
    const known = { deviceId, moduleId, reason: typeof reason === 'string' ? reason : 'unknown' };
    const failure = { ...known, outcome } as const;
    if (!matches(failure, filter)) continue;
    yield { ...failure, advice: adviceForOutcome(outcome, failure.reason) };
  }
}

/** Returns the matching lines of a dry run's changes. A line that is not understood is left out. */
export function* changeLines(ndjson: string, filter: LineFilter): Generator<Change> {
  for (const { deviceId, moduleId, outcome, reason } of linesOf(ndjson)) {
    if (typeof deviceId !== 'string' || typeof moduleId !== 'string') continue;
    if (outcome !== 'created' && outcome !== 'updated' && outcome !== 'removed') continue;
    const known = { deviceId, moduleId, ...(typeof reason === 'string' ? { reason } : {}) };
    const change: Change = { ...known, outcome };
    if (matches(change, filter)) yield change;
  }
}

/** Returns the matching lines of a run's exemptions. A line that is not understood is left out. */
export function* exemptionLines(ndjson: string, filter: LineFilter): Generator<Exemption> {
  for (const { deviceId, moduleId, state, until, reason } of linesOf(ndjson)) {
    if (typeof deviceId !== 'string' || typeof moduleId !== 'string' || !isState(state)) continue;
    const exemption = {
      ...{ deviceId, moduleId, state },
      ...(typeof until === 'string' ? { until } : {}),
      ...(typeof reason === 'string' ? { reason } : {}),
    };
    if (matches(exemption, filter)) yield exemption;
  }
}

function isState(value: unknown): value is Exemption['state'] {
  return exemptionStates.some((one) => one === value);
}

function matches(line: LineFilter & { deviceId: string }, filter: LineFilter): boolean {
  if (filter.deviceId !== undefined && !line.deviceId.startsWith(filter.deviceId)) return false;
  const exact = ['moduleId', 'outcome', 'state', 'reason'] as const;
  return exact.every((name) => filter[name] === undefined || filter[name] === line[name]);
}

/** Returns the objects of NDJSON. Skips a damaged line, so that it does not hide the others. */
function* linesOf(ndjson: string): Generator<Record<string, unknown>> {
  for (const value of parsedLines(ndjson)) {
    if (typeof value === 'object' && value !== null) yield value as Record<string, unknown>;
  }
}
