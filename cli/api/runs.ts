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

/** What `newestRun` found. */
export interface NewestRun {
  /** Undefined if no run that could be read is wanted. */
  run: Run | undefined;
  /** What to do about the damaged documents of newer runs, any of which may be the one that is wanted. */
  unreadable: string[];
}

/** The newest run of a hub that `isWanted`. Reads page by page until it is found. */
export async function newestRun(api: KeeperApi, hub: string, isWanted: (run: Run) => boolean): Promise<NewestRun> {
  const unknown: NonNullable<RunPage['unknown']> = [];
  for await (const page of runPages(api, hub)) {
    unknown.push(...(page.unknown ?? []));
    const run = page.runs.find(isWanted);
    if (run) {
      const newer = unknown.filter(({ runId }) => runId !== undefined && runId > run.runId); // ids sort by time
      return { run, unreadable: newer.map(({ why }) => why) };
    }
  }
  return { run: undefined, unreadable: unknown.map(({ why }) => why) };
}

/** The pages of a hub's runs, newest first. */
async function* runPages(api: KeeperApi, hub: string): AsyncGenerator<RunPage> {
  let continuation: string | undefined;
  do {
    const query = new URLSearchParams({ hub, ...(continuation === undefined ? {} : { continuation }) });
    const page = await api.json<RunPage>('GET', `/api/sweeps?${query}`);
    yield page;
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
