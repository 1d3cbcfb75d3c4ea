import { concurrently } from '../concurrently.ts';
import type { ModuleName, Registry } from '../hub/registry.ts';
import { moduleQueries } from '../hub/twinQueries.ts';
import { pairKey } from './moduleChange.ts';

/**
 * Returns the `pairKey`s of the modules that the hub's query index knows. The index is stale by seconds to minutes
 * (Microsoft, IoT Hub query language page), so a missing module may exist; a create does not change it then. `concurrency`
 * is the number of queries in flight.
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
