import type { Clock } from '../clock.ts';
import type { LogRecord } from '../telemetry/records.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { isGoodOutcome, type ModuleOutcome, outcomeFacts } from './outcome.ts';

/** By which way a device came to its reconciling. */
type OutcomePath = 'event' | 'http' | 'pending' | 'sweep';

export interface OutcomesOf {
  hub: string;
  path: OutcomePath;
}

/** Counts outcomes of specs on devices. */
export function countOutcomes(
  telemetry: Telemetry,
  { hub, path }: OutcomesOf,
  outcomes: readonly ModuleOutcome[],
): void {
  for (const { moduleId, outcome, reason } of outcomes) {
    const attributes = { hub, moduleId, outcome, path, ...(reason === undefined ? {} : { reason }) };
    telemetry.count('keeper.outcomes', 1, attributes);
  }
}

/**
 * Tells what came of one device: counts its outcomes, writes them to the current span, and notes how long after its event
 * (`eventTime`, ISO 8601) a module was made.
 */
export function recordDevice(
  { telemetry, clock }: { telemetry: Telemetry; clock: Pick<Clock, 'now'> },
  of: OutcomesOf,
  outcomes: readonly ModuleOutcome[],
  eventTime?: string,
): void {
  if (outcomes.length === 0) return;
  countOutcomes(telemetry, of, outcomes);
  const reasons = outcomes.map(({ reason }) => reason).filter((reason) => reason !== undefined);
  telemetry.annotate(
    {
      outcome: [...new Set(outcomes.map(({ outcome }) => outcome))].join(', '),
      ...(reasons.length === 0 ? {} : { reason: [...new Set(reasons)].join(', ') }),
    },
    !outcomes.every(({ outcome }) => outcomeFacts[outcome].good),
  );
  const eventMs = Date.parse(eventTime ?? '');
  if (Number.isNaN(eventMs) || !outcomes.some(({ outcome }) => outcome === 'created')) return;
  // The hub's clock and ours differ a little.
  telemetry.record('keeper.event_to_module_seconds', Math.max(0, clock.now() - eventMs) / 1000, { hub: of.hub });
}

/** Whether sampling may leave a log line out: it reports one device, with which nothing is wrong. */
export function isRoutineLine({ level, fields: { deviceId, outcome } }: LogRecord): boolean {
  return level === 'info' && deviceId !== undefined && (outcome === undefined || isGoodOutcome(outcome));
}
