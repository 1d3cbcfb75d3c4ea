import type { FailureLine, Run } from './answers.ts';
import type { KeeperApi } from './keeperApi.ts';

/** Path of a run, with hub and id encoded. */
export const runPath = (hub: string, runId: string): string =>
  `/api/sweeps/${encodeURIComponent(hub)}/${encodeURIComponent(runId)}`;

export function isLive({ status }: Pick<Run, 'status'>): boolean {
  return status === 'queued' || status === 'running';
}

/** The newest run, of one hub or of all, that `isWanted`; undefined if there is none. Reads page by page until it is found. */
export async function newestRun(
  api: KeeperApi,
  hub: string | undefined,
  isWanted: (run: Run) => boolean,
): Promise<Run | undefined> {
  for await (const run of runsOf(api, hub)) if (isWanted(run)) return run;
  return undefined;
}

/** Runs of one hub, or of all, newest first. */
export async function* runsOf(api: KeeperApi, hub: string | undefined): AsyncGenerator<Run> {
  let continuation: string | undefined;
  do {
    const query = new URLSearchParams({
      ...(hub === undefined ? {} : { hub }),
      ...(continuation === undefined ? {} : { continuation }),
    });
    const page = await api.json<{ runs: Run[]; continuation?: string }>('GET', `/api/sweeps?${query}`);
    yield* page.runs;
    continuation = page.continuation;
  } while (continuation !== undefined);
}

/** What failed or is blocked in a run. */
export async function failuresOf(api: KeeperApi, { hub, runId }: Pick<Run, 'hub' | 'runId'>): Promise<FailureLine[]> {
  const { text } = await api.call('GET', `${runPath(hub, runId)}/failures`, { accept: 'application/x-ndjson' });
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as FailureLine);
}
