import { concurrently } from '../concurrently.ts';
import { readHubDocument } from './hubDocument.ts';
import { newRunId, runPath } from './run.ts';
import type { RunStores } from './runStore.ts';

/** Runs older than 90 days are removed. */
const maxAgeMs = 90 * 24 * 3600 * 1000;

/** Runs that are removed at the same time: each takes two calls or more, of some 10 ms. */
const pruneConcurrency = 16;

/**
 * Removes up to `max` of the runs that are older than 90 days, the oldest first, with their reports and lists of removed modules.
 * Keeps a run that the hub document names, and a run that a named run undoes. Returns the number of removed runs. Throws what
 * storage throws.
 */
export async function pruneRuns(
  { documents, clock }: Pick<RunStores, 'documents' | 'clock'>,
  hub: string,
  max: number,
): Promise<number> {
  const oldestKept = newRunId(clock.now() - maxAgeMs, () => 0);
  const { activeRun, queuedRun } = await readHubDocument(documents, hub);
  const named = new Set([activeRun, queuedRun].flatMap((ref) => [ref?.runId, ref?.undoes]));
  const prefix = `runs/${hub}/`;
  const pathsByRun = Map.groupBy(await documents.list(prefix), (path) => runIdIn(path.slice(prefix.length)));
  const old = [...pathsByRun].filter(([runId]) => runId !== undefined && runId < oldestKept && !named.has(runId));
  const removed = old.slice(0, max);
  await concurrently(removed, pruneConcurrency, async ([runId, paths]) => {
    // The run's document is removed last, so that an interrupted removal is repeated.
    const document = runPath(hub, runId ?? '');
    for (const path of paths) if (path !== document) await documents.remove(path);
    await documents.remove(document);
  });
  return removed.length;
}

function runIdIn(name: string): string | undefined {
  return /^(\d{8}T\d{6}Z-[0-9a-f]{4})[./]/.exec(name)?.[1];
}
