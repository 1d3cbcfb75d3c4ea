import type { Clock } from '../clock.ts';
import type { LogRecord } from '../telemetry/records.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { isGoodOutcome, type ModuleOutcome, outcomeFacts } from './outcome.ts';

/** What caused a device to be reconciled. */
type OutcomePath = 'event' | 'http' | 'pending' | 'sweep';

/** Attributes that a set of outcomes has in common. */
export interface OutcomesOf {
  hub: string;
  path: OutcomePath;
}

/** Counts outcomes in the metric `keeper.outcomes`. */
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
 * Records the outcomes of one device: counts them, writes them to the current span, and, if a module was created, records the
 * time since the device's event (`eventTime`, ISO 8601).
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
  // Clock skew between hub and app could make this negative.
  telemetry.record('keeper.event_to_module_seconds', Math.max(0, clock.now() - eventMs) / 1000, { hub: of.hub });
}

/** Whether sampling may drop a log line: an info line about one device, without an outcome or with a good one. */
export function isRoutineLine({ level, fields: { deviceId, outcome } }: LogRecord): boolean {
  return level === 'info' && deviceId !== undefined && (outcome === undefined || isGoodOutcome(outcome));
}
