import { concurrently } from '../concurrently.ts';
import type { ModuleName, Registry } from '../hub/registry.ts';
import { moduleQueries } from '../hub/twinQueries.ts';
import { pairKey } from './moduleChange.ts';

/**
 * Which of these modules the hub's query index knows, as `pairKey`s. The index is stale by seconds to minutes (IoT Hub query
 * language page), so a missing one is a hint: a create never changes a module that exists after all. `concurrency` queries
 * are under way at a time.
 */
export async function findModules(
  registry: Registry,
  names: readonly ModuleName[],
  concurrency: number,
): Promise<Set<string>> {
  const deviceIds = [...new Set(names.map(({ deviceId }) => deviceId))];
  const moduleIds = [...new Set(names.map(({ moduleId }) => moduleId))];
  const found = new Set<string>();
  await concurrently(moduleQueries(deviceIds, moduleIds), concurrency, async (text) => {
    let continuation: string | undefined;
    do {
      const page = await registry.findModules({ text, ...(continuation === undefined ? {} : { continuation }) });
      for (const row of page.rows) found.add(pairKey(row));
      continuation = page.continuation;
    } while (continuation !== undefined);
  });
  return found;
}
