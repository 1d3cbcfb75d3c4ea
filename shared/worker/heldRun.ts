import type { HubDocument } from '../run/hubDocument.ts';
import { sureToComeMs } from './comeBack.ts';

/**
 * The longest delay of the wake-up for a run that waits for a window. A window that is changed in the policy takes effect within
 * this time.
 */
const maxHeldMs = 3600_000;

/** Whether the hub document names a run that has something to do now. An active run that is held lets the queued one go first. */
export function hasDueRun({ activeRun, queuedRun, heldRun }: HubDocument, nowMs: number): boolean {
  if (activeRun === undefined) return false;
  return queuedRun !== undefined || untilHeldMs(heldRun, activeRun.runId, nowMs) <= 0;
}

/**
 * Returns what to store about a run that has nothing to do before `heldUntilMs`, and the delay of the wake-up that it needs.
 * `wakeAfterMs` is undefined if the wake-up that an earlier slice sent, and stored in `before`, is still under way.
 */
export function holdRun(
  before: HubDocument['heldRun'],
  { runId, heldUntilMs }: { runId: string; heldUntilMs: number },
  nowMs: number,
): { heldRun: NonNullable<HubDocument['heldRun']>; wakeAfterMs: number | undefined } {
  const leftForMs = untilHeldMs(before, runId, nowMs);
  if (before && leftForMs > sureToComeMs && nowMs + leftForMs <= heldUntilMs) {
    return { heldRun: before, wakeAfterMs: undefined };
  }
  const wakeAfterMs = Math.min(maxHeldMs, Math.max(0, heldUntilMs - nowMs));
  return { heldRun: { runId, until: new Date(nowMs + wakeAfterMs).toISOString() }, wakeAfterMs };
}

/**
 * Milliseconds until the stored end of the hold, negative after that; 0 if the run is not held. A time further ahead than
 * `maxHeldMs` was stored by an instance with a wrong clock, and gives 0.
 */
function untilHeldMs(heldRun: HubDocument['heldRun'], runId: string, nowMs: number): number {
  if (heldRun?.runId !== runId) return 0;
  const untilMs = Date.parse(heldRun.until) - nowMs;
  return untilMs > maxHeldMs ? 0 : untilMs;
}
