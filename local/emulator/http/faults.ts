import type { Random } from '../../../shared/clock.ts';
import { repeatableRandom } from '../../repeatableRandom.ts';
import { HubRefusal } from '../wire/hubRefusal.ts';
import { serverError, throttled } from '../wire/refusals.ts';
import { type CheckedFaultRule, type FaultKind, type FaultRule, readFaultRule } from './faultRule.ts';
import { drawLatencyMs } from './latency.ts';
import { operationNames } from './routes.ts';

export type { FaultRule } from './faultRule.ts';

/** A fault to inject into one call. */
export interface Fault {
  kind: Exclude<FaultKind, 'latency'>;
  status: number;
  afterwards: boolean;
}

/** What the rules do to one call. */
export interface FaultPlan {
  fault: Fault | undefined;
  /** Delay on the emulator's clock before anything else. */
  delayMs: number;
}

interface ActiveRule {
  rule: CheckedFaultRule;
  /** Calls that the rule still applies to. */
  remaining: number;
  random: Random;
}

/** The active fault rules. Delays of all rules add up; of the other faults the first matching rule wins. */
export class Faults {
  private readonly randomOf: (ruleNumber: number) => Random;
  private rules: ActiveRule[] = [];
  private added = 0;

  /** `randomOf` returns the random numbers of the nth added rule; a rule with a `seed` uses its own. */
  constructor(randomOf: (ruleNumber: number) => Random) {
    this.randomOf = randomOf;
  }

  /** Throws a 400 refusal if the rule is invalid. */
  add(rule: FaultRule): void {
    this.addJson(rule);
  }

  /** Adds a rule from JSON. Throws a 400 refusal if it is invalid. */
  addJson(rule: unknown): void {
    const checked = readFaultRule(rule, operationNames);
    const isUnlimited = checked.rate !== undefined || checked.kind === 'latency';
    this.added += 1;
    this.rules.push({
      rule: checked,
      remaining: checked.count ?? (isUnlimited ? Number.POSITIVE_INFINITY : 1),
      random: checked.seed === undefined ? this.randomOf(this.added) : repeatableRandom(checked.seed),
    });
  }

  clear(): void {
    this.rules = [];
  }

  /** The active rules, with the count that remains. */
  list(): FaultRule[] {
    return this.rules.map(({ rule: { latency: _read, ...rule }, remaining }) =>
      Number.isFinite(remaining) ? { ...rule, count: remaining } : rule,
    );
  }

  /** What happens to the next call of an operation; counts the call. */
  planFor(operation: string): FaultPlan {
    const plan: FaultPlan = { fault: undefined, delayMs: 0 };
    for (const active of this.rules) {
      const { rule, random } = active;
      if (rule.operation !== '*' && rule.operation !== operation) continue;
      // Drawn even if another rule already matched, so that a rule decides the same for its nth call in every run.
      const isDrawn = rule.rate === undefined || random() < rule.rate;
      if (!isDrawn || (plan.fault && !rule.latency)) continue;
      active.remaining -= 1;
      if (rule.latency) plan.delayMs += drawLatencyMs(rule.latency, random);
      else plan.fault = faultOf(rule);
    }
    this.rules = this.rules.filter(({ remaining }) => remaining > 0);
    return plan;
  }
}

function faultOf({ kind, status, afterwards }: CheckedFaultRule): Fault | undefined {
  if (kind === 'latency') return undefined;
  return { kind, status: status ?? 500, afterwards: afterwards ?? kind === 'truncated' };
}

/** The error that a fault rule of kind `status` returns instead of the response. */
export function faultRefusal(status: number): HubRefusal {
  if (status === 429) return throttled('ThrottlingBacklogTimeout', 'CRUD');
  if (status === 500) return serverError();
  const [code, codeName] = faultCodes[status] ?? [status * 1000, 'FaultRule'];
  return new HubRefusal({ status, code, codeName, message: 'A fault rule requested this response.' });
}

const faultCodes: { readonly [status: number]: readonly [code: number, name: string] } = {
  404: [404012, 'IotHubFailingOver'],
  403: [403002, 'IotHubQuotaExceeded'],
  503: [503001, 'ServiceUnavailable'],
  504: [504101, 'GatewayTimeout'],
};
