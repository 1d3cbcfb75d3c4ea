import type { Random } from '../../../shared/clock.ts';
import { repeatableRandom } from '../../repeatableRandom.ts';
import { HubRefusal } from '../wire/hubRefusal.ts';
import { serverError, throttled } from '../wire/refusals.ts';
import { type CheckedFaultRule, type FaultKind, type FaultRule, readFaultRule } from './faultRule.ts';
import { drawLatencyMs } from './latency.ts';
import { operationNames } from './routes.ts';

export type { FaultRule } from './faultRule.ts';

/** Something that is to go wrong with one call. */
export interface Fault {
  kind: Exclude<FaultKind, 'latency'>;
  status: number;
  afterwards: boolean;
}

/** What the rules have in store for one call. */
export interface Strike {
  fault: Fault | undefined;
  /** How long to wait, on the emulator's clock, before anything else. */
  delayMs: number;
}

interface ActiveRule {
  rule: CheckedFaultRule;
  left: number;
  random: Random;
}

/** The rules by which the emulator misbehaves on request. All delays add up; of the rest the first rule that strikes wins. */
export class Faults {
  private readonly randomOf: (ruleNumber: number) => Random;
  private rules: ActiveRule[] = [];
  private added = 0;

  /** `randomOf` gives the random numbers of the nth rule that is added; a rule with a `seed` has its own. */
  constructor(randomOf: (ruleNumber: number) => Random) {
    this.randomOf = randomOf;
  }

  /** Throws a 400 refusal if the rule makes no sense. */
  add(rule: FaultRule): void {
    this.addJson(rule);
  }

  /** Adds a rule that came over the wire. Throws a 400 refusal if it makes no sense. */
  addJson(rule: unknown): void {
    const checked = readFaultRule(rule, operationNames);
    const isEndless = checked.rate !== undefined || checked.kind === 'latency';
    this.added += 1;
    this.rules.push({
      rule: checked,
      left: checked.count ?? (isEndless ? Number.POSITIVE_INFINITY : 1),
      random: checked.seed === undefined ? this.randomOf(this.added) : repeatableRandom(checked.seed),
    });
  }

  clear(): void {
    this.rules = [];
  }

  /** The rules that are not spent. */
  list(): FaultRule[] {
    return this.rules.map(({ rule: { latency: _read, ...rule }, left }) =>
      Number.isFinite(left) ? { ...rule, count: left } : rule,
    );
  }

  strike(operation: string): Strike {
    const strike: Strike = { fault: undefined, delayMs: 0 };
    for (const active of this.rules) {
      const { rule, random } = active;
      if (rule.operation !== '*' && rule.operation !== operation) continue;
      // Drawn whatever the other rules do, so that a rule's nth call fares the same in every run.
      const isDrawn = rule.rate === undefined || random() < rule.rate;
      if (!isDrawn || (strike.fault && !rule.latency)) continue;
      active.left -= 1;
      if (rule.latency) strike.delayMs += drawLatencyMs(rule.latency, random);
      else strike.fault = faultOf(rule);
    }
    this.rules = this.rules.filter(({ left }) => left > 0);
    return strike;
  }
}

function faultOf({ kind, status, afterwards }: CheckedFaultRule): Fault | undefined {
  if (kind === 'latency') return undefined;
  return { kind, status: status ?? 500, afterwards: afterwards ?? kind === 'truncated' };
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
