import type { Change, Failure } from '../../shared/api/deviceSchemas.ts';
import type { RunAnswer as Run, RunPage } from '../../shared/api/runSchemas.ts';
import { CliError } from '../cliError.ts';
import { exitCodes } from '../exitCodes.ts';
import type { KeeperApi } from './keeperApi.ts';

/** Path of a run, with hub and id encoded. */
export const runPath = (hub: string, runId: string): string =>
  `/api/sweeps/${encodeURIComponent(hub)}/${encodeURIComponent(runId)}`;

/** Whether the run has not ended. */
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
async function* runsOf(api: KeeperApi, hub: string | undefined): AsyncGenerator<Run> {
  let continuation: string | undefined;
  do {
    const query = new URLSearchParams({
      ...(hub === undefined ? {} : { hub }),
      ...(continuation === undefined ? {} : { continuation }),
    });
    const page = await api.json<RunPage>('GET', `/api/sweeps?${query}`);
    yield* page.runs;
    continuation = page.continuation;
  } while (continuation !== undefined);
}

/** What failed or is blocked in a run, with what to do. */
export const failuresOf = (api: KeeperApi, run: RunName): Promise<Failure[]> => linesOf(api, run, 'failures');

/** What a dry run would change, by name. */
export const changesOf = (api: KeeperApi, run: RunName): Promise<Change[]> => linesOf(api, run, 'changes');

type RunName = Pick<Run, 'hub' | 'runId'>;

async function linesOf<Line>(api: KeeperApi, { hub, runId }: RunName, what: string): Promise<Line[]> {
  const { text } = await api.call('GET', `${runPath(hub, runId)}/${what}`, { accept: 'application/x-ndjson' });
  try {
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new CliError('The answer is broken. Try again.', exitCodes.unreachable);
  }
}
