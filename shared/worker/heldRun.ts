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
 * What to store about a run that has nothing to do before `heldUntilMs`, and in how many milliseconds it needs a wake-up.
 * Undefined if a wake-up of an earlier slice, which `before` names, is still under way.
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

/** The time until which the run is held; 0 if it is not. A time too far in the future comes from a wrong clock, and gives 0. */
function untilHeldMs(heldRun: HubDocument['heldRun'], runId: string, nowMs: number): number {
  if (heldRun?.runId !== runId) return 0;
  const untilMs = Date.parse(heldRun.until) - nowMs;
  return untilMs > maxHeldMs ? 0 : untilMs;
}
