import { chosenHubs } from '../http/chosenHubs.ts';
import { changeLines } from '../http/reportLines.ts';
import { runWithId } from '../http/requestParts.ts';
import { startRuns } from '../http/startRuns.ts';
import { changedPairs } from '../run/counts.ts';
import { readReportStart } from '../run/report.ts';
import { isLive, type Run } from '../run/run.ts';
import { oneHub } from './hubsOf.ts';
import { BadArgumentsError, hubArg, maxEntries, type Tool, type ToolServices } from './tool.ts';

/** Starts a dry run, and answers what it would change. */
export const planSweep: Tool<'hub' | 'runId'> = {
  name: 'plan_sweep',
  description:
    'Starts a dry run of a sweep, which changes nothing on a hub, and answers its runId. Call it again with hub and runId to read what a sweep would change: counts, and the first changes by device.',
  args: { hub: hubArg, runId: { description: 'The runId of an earlier answer of this tool, to read its result.' } },
  async answer(services, { hub, runId }) {
    if (runId !== undefined) return planOf(services, await runWithId(services, oneHub(services, hub).hub.name, runId));
    const answer = await startFor(services, hub, true);
    return { ...answer, whatToDo: 'Call plan_sweep again with hub and runId in a minute, until status is done.' };
  },
};

/** Starts a sweep. */
export const startSweepNow: Tool<'hub'> = {
  name: 'start_sweep',
  description:
    'Starts a sweep: it creates, writes or removes modules on the hub as the policy says. Ask the operator before you call it, and show what plan_sweep answered.',
  args: { hub: hubArg },
  async answer(services, { hub }) {
    const answer = await startFor(services, hub, false);
    return { ...answer, whatToDo: 'The tool coverage shows its progress, recent_runs its end.' };
  },
};

async function startFor(services: ToolServices, hub: string | undefined, dryRun: boolean): Promise<object> {
  const chosen = chosenHubs(services, hub === undefined ? undefined : [hub]).map(({ hub: { name } }) => name);
  const { runs, notStarted } = await startRuns(services, chosen, { dryRun, startedBy: 'assistant' });
  const problems = notStarted.map(({ hub: name, problem }) => ({ hub: name, why: problem.detail }));
  return { runs, ...(problems.length > 0 ? { notStarted: problems } : {}) };
}

async function planOf({ documents }: ToolServices, run: Run): Promise<object> {
  if (!run.dryRun) throw new BadArgumentsError('That run is not a dry run; the tool recent_runs shows it.');
  const { hub, runId, status, counts, finishedAt, reason, waitingFor } = run;
  const changes = [...changeLines(await readReportStart(documents, run, 'changes'), {})].slice(0, maxEntries);
  const total = changedPairs(counts);
  return {
    ...{ hub, runId, status, finishedAt, counts, changes },
    ...(total > changes.length ? { notShown: total - changes.length } : {}),
    ...(reason === null ? {} : { reason }),
    ...(waitingFor === null ? {} : { waitingFor }),
    whatToDo: whatToDo(run, total),
  };
}

function whatToDo(run: Run, total: number): string {
  if (isLive(run)) return 'The dry run has not ended; call plan_sweep again with hub and runId in a minute.';
  if (run.status !== 'done') return 'The dry run failed or was cancelled; reason says why.';
  if (total === 0) return 'Nothing: a sweep would change no module now.';
  const { hub, runId } = run;
  return `A sweep would make these changes. All of them by name: GET /api/sweeps/${hub}/${runId}/changes.`;
}
