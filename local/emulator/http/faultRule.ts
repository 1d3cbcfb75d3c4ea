import { requireObject } from '../wire/bodyFields.ts';
import { argumentInvalid } from '../wire/refusals.ts';
import { type LatencyMs, readLatency } from './latency.ts';

/**
 * What a fault does: `status` returns an error, `reset` closes the connection without a response, `hang` never
 * responds, `truncated` closes it in the middle of the response, `latency` only delays the response.
 */
export type FaultKind = 'status' | 'reset' | 'hang' | 'truncated' | 'latency';

/** When to inject which fault. */
export interface FaultRule {
  /** An operation's name, or `*` for any. */
  operation: string;
  kind: FaultKind;
  /** For kind `status`; default 500. */
  status?: number;
  /** Number of matching calls that fail before the rule ends. Default 1; unlimited with `rate` and for `latency`. */
  count?: number;
  /** Share of matching calls that fail, 0 to 1. Default 1. */
  rate?: number;
  /** Whether the operation runs before the fault appears. Default false, true for `truncated`. */
  afterwards?: boolean;
  /** For kind `latency`: the delay on the emulator's clock, in the forms that `readLatency` takes. */
  delayMs?: number | object;
  /** Seed of the rule's own random numbers, so that the same calls fail in the next run. */
  seed?: number;
}

/** A validated rule. */
export interface CheckedFaultRule extends FaultRule {
  latency: LatencyMs | undefined;
}

const kinds: readonly FaultKind[] = ['status', 'reset', 'hang', 'truncated', 'latency'];

/** Validates a rule from JSON. Throws a 400 refusal that says what to write instead. */
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
