import type { Random } from '../../shared/clock.ts';
import { HubRefusal } from './hubAnswers.ts';
import { argumentInvalid, serverError, throttled } from './hubRefusals.ts';
import { requireObject } from './identityBody.ts';
import { operationNames } from './routes.ts';

/** What goes wrong: an error status, a connection cut without an answer, no answer ever, an answer cut in the middle. */
export type FaultKind = 'status' | 'reset' | 'hang' | 'truncated';

export interface FaultRule {
  /** An operation's name, or `*` for any. */
  operation: string;
  kind: FaultKind;
  /** For kind `status`; default 500. */
  status?: number;
  /** How many matching calls it strikes before it is spent; default 1, or without end if `rate` is given. */
  count?: number;
  /** The share of matching calls that it strikes, 0 to 1; default 1. */
  rate?: number;
  /** Whether the work is done all the same before the fault shows; default false, but `truncated` always does it. */
  afterwards?: boolean;
}

export type Fault = Required<Pick<FaultRule, 'kind' | 'status' | 'afterwards'>>;

const kinds: readonly FaultKind[] = ['status', 'reset', 'hang', 'truncated'];

/** The rules by which the emulator misbehaves on request. The first rule that strikes wins. */
export class Faults {
  private readonly random: Random;
  private rules: { rule: FaultRule; left: number }[] = [];

  constructor(random: Random) {
    this.random = random;
  }

  /** Throws a 400 refusal if the rule makes no sense. */
  add(rule: FaultRule): void {
    const checked = readFaultRule(rule);
    this.rules.push({
      rule: checked,
      left: checked.count ?? (checked.rate === undefined ? 1 : Number.POSITIVE_INFINITY),
    });
  }

  clear(): void {
    this.rules = [];
  }

  /** The rules that are not spent. */
  list(): FaultRule[] {
    return this.rules.map(({ rule, left }) => (Number.isFinite(left) ? { ...rule, count: left } : { ...rule }));
  }

  strike(operation: string): Fault | undefined {
    const entry = this.rules.find(
      ({ rule }) =>
        (rule.operation === '*' || rule.operation === operation) &&
        (rule.rate === undefined || this.random() < rule.rate),
    );
    if (!entry) return undefined;
    entry.left -= 1;
    if (entry.left <= 0) this.rules = this.rules.filter((other) => other !== entry);
    const { kind, status, afterwards } = entry.rule;
    return { kind, status: status ?? 500, afterwards: afterwards ?? kind === 'truncated' };
  }
}

/** The refusal that a fault rule of kind `status` puts in place of the answer. */
export function faultRefusal(status: number): HubRefusal {
  if (status === 429) return throttled('ThrottlingBacklogTimeout', 'CRUD');
  if (status === 500) return serverError();
  const [code, codeName] = faultCodes[status] ?? [status * 1000, 'FaultRule'];
  return new HubRefusal({ status, code, codeName, message: 'This answer was asked for by a fault rule.' });
}

const faultCodes: { readonly [status: number]: readonly [code: number, name: string] } = {
  404: [404012, 'IotHubFailingOver'],
  403: [403002, 'IotHubQuotaExceeded'],
  503: [503001, 'ServiceUnavailable'],
  504: [504101, 'GatewayTimeout'],
};

/** Checks a rule that came as JSON. */
export function readFaultRule(value: unknown): FaultRule {
  const { operation, kind, status, count, rate, afterwards } = requireObject(value, 'A fault rule');
  const name = operation ?? '*';
  if (typeof name !== 'string' || (name !== '*' && !operationNames.includes(name))) {
    throw argumentInvalid(`operation must be * or one of ${operationNames.join(', ')}`);
  }
  const known = kinds.find((other) => other === kind);
  if (!known) throw argumentInvalid(`kind must be one of ${kinds.join(', ')}`);
  return {
    operation: name,
    kind: known,
    ...numberField('status', status, (number) => Number.isInteger(number) && number >= 400 && number <= 599),
    ...numberField('count', count, (number) => Number.isInteger(number) && number >= 1),
    ...numberField('rate', rate, (number) => number >= 0 && number <= 1),
    ...(typeof afterwards === 'boolean' ? { afterwards } : {}),
  };
}

function numberField(name: string, value: unknown, isGood: (number: number) => boolean): { [name: string]: number } {
  if (value === undefined) return {};
  if (typeof value !== 'number' || !isGood(value)) throw argumentInvalid(`${name} of a fault rule is out of range`);
  return { [name]: value };
}
