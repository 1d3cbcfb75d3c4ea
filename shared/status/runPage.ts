import type { RunPage } from '../api/runSchemas.ts';
import type { App } from '../app.ts';
import { concurrently } from '../concurrently.ts';
import { listRunIds, readRun } from '../run/readRuns.ts';
import { runView } from '../run/runView.ts';
import { withWaitingFor } from '../run/whyQueued.ts';
import { DamagedDocumentError } from '../storage/damagedDocument.ts';
import type { Log } from '../telemetry/log.ts';

/** Number of concurrent storage calls of one request. */
const readConcurrency = 16;

/** What a page of runs is read from. */
type RunPageDeps = Pick<App, 'documents' | 'hubs' | 'cachedLeases' | 'clock'> & { log: Log };

/**
 * Returns a page of the runs of these hubs, newest first: at most `limit` runs after the `continuation` of the page before. A run
 * whose document is damaged is left out, and named in `unknown`. Throws what storage throws.
 */
export async function readRunPage(
  deps: RunPageDeps,
  hubs: readonly string[],
  { limit, after }: { limit: number; after: string | undefined },
): Promise<RunPage> {
  const keys = (await keysOf(deps, hubs)).filter((key) => after === undefined || key < after);
  const page = keys.slice(0, limit);
  const found = new Map<string, RunPage['runs'][number]>();
  const unknown: NonNullable<RunPage['unknown']> = [];
  const orUnknown = async <T>(reading: Promise<T>, ofRun: { runId?: string } = {}): Promise<T | undefined> => {
    try {
      return await reading;
    } catch (error) {
      if (!(error instanceof DamagedDocumentError)) throw error;
      const { path, message } = error;
      if (!unknown.some(({ what }) => what === path)) unknown.push({ what: path, why: message, ...ofRun });
      return undefined;
    }
  };
  await concurrently(page, readConcurrency, async (key) => {
    const [runId = '', hub = ''] = key.split('/');
    const run = await orUnknown(readRun(deps.documents, hub, runId), { runId });
    if (run) found.set(key, runView((await orUnknown(withWaitingFor(deps, run))) ?? run));
  });
  for (const { what, why } of unknown) deps.log.warn('A stored document is damaged', { what, why });
  const last = keys.length > page.length ? page.at(-1) : undefined;
  return {
    runs: page.map((key) => found.get(key)).filter((run) => run !== undefined),
    ...(unknown.length > 0 ? { unknown } : {}),
    ...(last === undefined ? {} : { continuation: last }),
  };
}

/** The runs of the hubs as `runId/hub`, newest first. */
async function keysOf({ documents }: Pick<RunPageDeps, 'documents'>, hubs: readonly string[]): Promise<string[]> {
  const keys: string[] = [];
  await concurrently(hubs, readConcurrency, async (hub) => {
    keys.push(...(await listRunIds(documents, hub)).map((runId) => `${runId}/${hub}`));
  });
  return keys.sort().reverse();
}
