import { type DeviceModuleOutcome, outcomeFacts } from '../reconcile/outcome.ts';
import { type Counts, countOutcome, increment } from '../run/counts.ts';
import type { ExaminedPage } from './examinePage.ts';

/** The outcomes of a page that need no change. */
export function settledOf({ plans, settled }: ExaminedPage): DeviceModuleOutcome[] {
  return [...plans.flatMap((plan) => plan.settled), ...settled];
}

/** Counts the outcomes of a page that need no change; returns those that get a line in the failures file. */
export function countPage(counts: Counts, page: ExaminedPage): DeviceModuleOutcome[] {
  const isReported = ({ outcome }: DeviceModuleOutcome) => outcomeFacts[outcome].reported;
  const reported = page.settled.filter(isReported);
  counts.unreadable += page.unreadable;
  for (const { settled, wishes } of page.plans) {
    counts.devices += 1;
    if (wishes.length === 0 && settled.every(({ outcome }) => outcome === 'excluded')) {
      increment(counts.excluded, settled[0]?.reason ?? 'unknown');
      continue;
    }
    counts.selected += 1;
    for (const outcome of settled) countOutcome(counts, outcome);
    reported.push(...settled.filter(isReported));
  }
  for (const outcome of page.settled) countOutcome(counts, outcome);
  return reported;
}
