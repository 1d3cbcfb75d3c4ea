import type { HubStatus } from '../api/statusSchemas.ts';
import { totalOf } from '../run/counts.ts';
import { statusOfHubs } from './hubsOf.ts';
import { firstOf, hubArg, type Tool } from './tool.ts';

/** The last ended runs. */
export const recentRuns: Tool<'hub'> = {
  name: 'recent_runs',
  description:
    'Lists the last ended runs of a hub (ten of one hub, two of each of several): when, started by what, dry or real, how many modules were created, failed or are blocked, and why a run failed. Reads stored documents; calls no hub.',
  args: { hub: hubArg },
  async answer(services, { hub }) {
    const hubs = await statusOfHubs(services, hub);
    const { shown, notShown } = firstOf(hubs);
    const max = hubs.length === 1 ? 10 : 2;
    return {
      hubs: shown.map(({ hub: name, runs, liveRun }) => ({
        hub: name,
        liveRun: liveRun?.runId ?? null,
        runs: runs.slice(0, max).map(line),
      })),
      ...(notShown === undefined ? {} : { notShown }),
      whatToDo:
        'A run whose status is failed says in reason what to change. The causes of failures are in the tool coverage.',
    };
  },
};

function line({ runId, status, dryRun, startedBy, startedAt, finishedAt, reason, counts }: HubStatus['runs'][number]) {
  const { devices, created, updated, removed, unchanged, failed } = counts;
  const changed = { devices, created, updated, removed, unchanged, failed, blocked: totalOf(counts.blocked) };
  return {
    runId,
    status,
    dryRun,
    startedBy,
    startedAt,
    finishedAt,
    ...changed,
    ...(reason === null ? {} : { reason }),
  };
}
