import { requireObject } from '../wire/bodyFields.ts';
import { argumentInvalid } from '../wire/refusals.ts';
import { type LatencyMs, readLatency } from './latency.ts';

/**
 * What goes wrong: an error status, a connection cut without an answer, no answer ever, an answer cut in the middle, or
 * only an answer that takes its time.
 */
export type FaultKind = 'status' | 'reset' | 'hang' | 'truncated' | 'latency';

export interface FaultRule {
  /** An operation's name, or `*` for any. */
  operation: string;
  kind: FaultKind;
  /** For kind `status`; default 500. */
  status?: number;
  /** How many matching calls it strikes before it is spent. Default 1; without end with `rate`, and for `latency`. */
  count?: number;
  /** The share of matching calls that it strikes, 0 to 1; default 1. */
  rate?: number;
  /** Whether the work is done all the same before the fault shows; default false, but `truncated` always does it. */
  afterwards?: boolean;
  /** For kind `latency`: how long the emulator's clock goes on before the answer. In JSON as `readLatency` has it. */
  delayMs?: number | object;
  /** Where the rule's own random numbers begin, so that the same calls are struck again in the next run. */
  seed?: number;
}

/** A rule that was found to make sense. */
export interface CheckedFaultRule extends FaultRule {
  latency: LatencyMs | undefined;
}

const kinds: readonly FaultKind[] = ['status', 'reset', 'hang', 'truncated', 'latency'];

/** Checks a rule that came as JSON. Throws a 400 that says what to write instead. */
export function readFaultRule(value: unknown, operationNames: readonly string[]): CheckedFaultRule {
  const { operation, kind, status, count, rate, afterwards, delayMs, seed } = requireObject(value, 'A fault rule');
  const name = operation ?? '*';
  if (typeof name !== 'string' || (name !== '*' && !operationNames.includes(name))) {
    throw argumentInvalid(`operation must be * or one of ${operationNames.join(', ')}`);
  }
  const known = kinds.find((other) => other === kind);
  if (!known) throw argumentInvalid(`kind must be one of ${kinds.join(', ')}`);
  if (afterwards !== undefined && typeof afterwards !== 'boolean')
    throw argumentInvalid('afterwards must be a boolean');
  if ((known === 'latency') !== (delayMs !== undefined)) throw argumentInvalid('delayMs belongs to kind latency');
  const latency = known === 'latency' ? readLatency(delayMs) : undefined;
  return {
    operation: name,
    kind: known,
    latency,
    ...numberField('status', status, (number) => Number.isInteger(number) && number >= 400 && number <= 599),
    ...numberField('count', count, (number) => Number.isInteger(number) && number >= 1),
    ...numberField('rate', rate, (number) => number >= 0 && number <= 1),
    ...numberField('seed', seed, (number) => Number.isInteger(number)),
    ...(afterwards === undefined ? {} : { afterwards }),
    ...(latency === undefined ? {} : { delayMs: delayMs as number | object }),
  };
}

function numberField(name: string, value: unknown, isGood: (number: number) => boolean): { [name: string]: number } {
  if (value === undefined) return {};
  if (typeof value !== 'number' || !isGood(value)) throw argumentInvalid(`${name} of a fault rule is out of range`);
  return { [name]: value };
}
