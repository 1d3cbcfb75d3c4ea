import type { HubStatus } from '../api/statusSchemas.ts';
import { totalOf } from '../run/counts.ts';

/** One sentence: what an operator should do about a hub now, the most urgent thing first. */
export function adviceForHub(
  hub: Pick<HubStatus, 'outOfService' | 'unknown' | 'paused' | 'waitingFor' | 'coverage' | 'liveRun'>,
): string {
  const { outOfService, unknown, paused, waitingFor, coverage, liveRun } = hub;
  if (outOfService)
    return 'Correct the settings of the hub; outOfService says what to write. Nothing is done for it until then.';
  if (unknown.length > 0) return 'A part of its state could not be read; unknown says why. Ask again in a minute.';
  if (paused) return 'Remove `paused` from the settings of the hub when its modules shall be created again.';
  if (waitingFor) return `Its work waits. ${waitingFor}`;
  if (!coverage) {
    return liveRun
      ? 'No sweep has finished yet, and a run is in progress; ask again when it has ended.'
      : 'No sweep has finished yet; start one, or wait for the next one.';
  }
  if (coverage.incomplete) return 'The last sweep did not see all devices; start another one.';
  if (coverage.policyIsCurrent === false)
    return 'The policy has changed since the last sweep; wait for the next one, or start one.';
  if (coverage.counts.missing + totalOf(coverage.counts.blocked) > 0) {
    return 'Some devices lack a module; the failures of the last run say for each cause what to do.';
  }
  return 'Nothing: every selected device had its modules when the last sweep ended.';
}
