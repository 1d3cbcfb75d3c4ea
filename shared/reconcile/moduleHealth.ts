import type { ModuleReport } from '../hub/registry.ts';

/** Whether a module's agent has applied its settings, could not, or does not say. */
export type ModuleHealth = 'healthy' | 'failed' | 'silent';

/**
 * An agent counts as silent if it was not active for this time: three times the longest interval at which the micro agent sends
 * by default (1,440 minutes, `CollectorsCore_PriorityIntervals`).
 */
export const silentAfterMs = 3 * 24 * 3600 * 1000;

/**
 * The health of a module as of `nowMs` (milliseconds since 1970), by what its agent has reported. `silent`: it never reported,
 * or was active too long ago; without a time of activity the report alone counts. A state that is not understood is `failed`.
 */
export function healthOf({ state, lastActivityTime }: ModuleReport, nowMs: number): ModuleHealth {
  if (state === undefined) return 'silent';
  if (lastActivityTime !== undefined && nowMs - Date.parse(lastActivityTime) > silentAfterMs) return 'silent';
  return state === 'success' ? 'healthy' : 'failed';
}
