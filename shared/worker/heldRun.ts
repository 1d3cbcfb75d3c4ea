import type { HubDocument } from '../run/hubDocument.ts';
import { sureToComeMs } from './comeBack.ts';

/**
 * A run that waits for a window is looked at again after this time at the latest: a policy whose window was changed meanwhile
 * then takes effect.
 */
const maxHeldMs = 3600_000;

/** Whether the hub document names a run that has something to do now. An active run that is held lets the queued one go first. */
export function hasDueRun({ activeRun, queuedRun, heldRun }: HubDocument, nowMs: number): boolean {
  if (activeRun === undefined) return false;
  return queuedRun !== undefined || untilHeldMs(heldRun, activeRun.runId, nowMs) <= 0;
}

/**
 * What to note of a run that has nothing to do before `heldUntilMs`, and in how many milliseconds a wake-up must come for it;
 * undefined if the one that was left at an earlier slice, noted in `before`, is still to come.
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

/** 0 if the run is not held. A time further ahead than any was stored by an instance whose clock was wrong, and counts as none. */
function untilHeldMs(heldRun: HubDocument['heldRun'], runId: string, nowMs: number): number {
  if (heldRun?.runId !== runId) return 0;
  const untilMs = Date.parse(heldRun.until) - nowMs;
  return untilMs > maxHeldMs ? 0 : untilMs;
}
