import type { ModuleCreation, Registry } from '../hub/registry.ts';
import { moduleQueries } from '../hub/twinQueries.ts';

/**
 * Splits what is wanted by what the hub's query index knows of. The index is stale by seconds to minutes, so `missing`
 * is a hint: the create that follows it never changes a module that is there after all.
 */
export async function findMissing(
  registry: Registry,
  wanted: readonly ModuleCreation[],
): Promise<{ present: ModuleCreation[]; missing: ModuleCreation[] }> {
  const deviceIds = [...new Set(wanted.map(({ deviceId }) => deviceId))];
  const moduleIds = [...new Set(wanted.map(({ moduleId }) => moduleId))];
  const found = new Set<string>();
  for (const text of moduleQueries(deviceIds, moduleIds)) {
    let continuation: string | undefined;
    do {
      const page = await registry.findModules({ text, ...(continuation === undefined ? {} : { continuation }) });
      for (const row of page.rows) found.add(pairKey(row));
      continuation = page.continuation;
    } while (continuation !== undefined);
  }
  const present: ModuleCreation[] = [];
  const missing: ModuleCreation[] = [];
  for (const creation of wanted) (found.has(pairKey(creation)) ? present : missing).push(creation);
  return { present, missing };
}

function pairKey({ deviceId, moduleId }: { deviceId: string; moduleId: string }): string {
  return `${deviceId}\n${moduleId}`; // neither can hold a line break
}
