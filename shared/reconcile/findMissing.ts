import { concurrently } from '../concurrently.ts';
import type { ModuleCreation, Registry } from '../hub/registry.ts';
import { moduleQueries } from '../hub/twinQueries.ts';
import { pairKey } from './pairKey.ts';

/**
 * Splits what is wanted by what the hub's query index knows of. The index is stale by seconds to minutes, so `missing`
 * is a hint: the create that follows it never changes a module that is there after all. `concurrency` queries are under way at
 * a time.
 */
export async function findMissing(
  registry: Registry,
  wanted: readonly ModuleCreation[],
  concurrency: number,
): Promise<{ present: ModuleCreation[]; missing: ModuleCreation[] }> {
  const deviceIds = [...new Set(wanted.map(({ deviceId }) => deviceId))];
  const moduleIds = [...new Set(wanted.map(({ moduleId }) => moduleId))];
  const found = new Set<string>();
  await concurrently(moduleQueries(deviceIds, moduleIds), concurrency, async (text) => {
    let continuation: string | undefined;
    do {
      const page = await registry.findModules({ text, ...(continuation === undefined ? {} : { continuation }) });
      for (const row of page.rows) found.add(pairKey(row));
      continuation = page.continuation;
    } while (continuation !== undefined);
  });
  const present: ModuleCreation[] = [];
  const missing: ModuleCreation[] = [];
  for (const creation of wanted) (found.has(pairKey(creation)) ? present : missing).push(creation);
  return { present, missing };
}
