import type { Documents } from '../storage/documents.ts';
import { type Run, runIdPattern, runPath } from './run.ts';
import { readStoredRun } from './runDocument.ts';

/** A run's document; undefined if it does not exist. */
export async function readRun(
  documents: Pick<Documents, 'read'>,
  hub: string,
  runId: string,
): Promise<Run | undefined> {
  const stored = await documents.read<unknown>(runPath(hub, runId));
  return stored && readStoredRun(stored.value, hub, runId);
}

/** The ids of a hub's runs, newest first. */
export async function listRunIds(documents: Pick<Documents, 'list'>, hub: string): Promise<string[]> {
  const paths = await documents.list(`runs/${hub}/`);
  return paths
    .filter((path) => path.endsWith('.json'))
    .map((path) => path.slice(`runs/${hub}/`.length, -'.json'.length))
    .filter((runId) => runIdPattern.test(runId))
    .reverse();
}
