import { type DeviceModuleOutcome, outcomeFacts } from '../reconcile/outcome.ts';
import { type Counts, countOutcome, increment } from '../run/counts.ts';
import type { ExaminedPage } from './examinePage.ts';

/** The outcomes of a page that need no change. */
export function settledOf({ plans, unchanged, unreachable }: ExaminedPage): DeviceModuleOutcome[] {
  return [...plans.flatMap(({ settled }) => settled), ...unchanged, ...unreachable];
}

/** Counts the outcomes of a page that need no change; returns those that get a line in the failures file. */
export function countPage(counts: Counts, page: ExaminedPage): DeviceModuleOutcome[] {
  const { plans, unchanged, unreachable, unreadable } = page;
  const isReported = ({ outcome }: DeviceModuleOutcome) => outcomeFacts[outcome].reported;
  const reported = unreachable.filter(isReported);
  counts.unreadable += unreadable;
  for (const { settled, wanted, unreachable: refused } of plans) {
    counts.devices += 1;
    if (wanted.length + refused.length === 0 && settled.every(({ outcome }) => outcome === 'excluded')) {
      increment(counts.excluded, settled[0]?.reason ?? 'unknown');
      continue;
    }
    counts.selected += 1;
    for (const outcome of settled) countOutcome(counts, outcome);
    reported.push(...settled.filter(isReported));
  }
  for (const outcome of [...unchanged, ...unreachable]) countOutcome(counts, outcome);
  return reported;
}
