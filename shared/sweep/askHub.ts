import type { ModuleCreation, Registry } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import type { BulkAnswer } from '../reconcile/bulkAnswer.ts';
import { createInBulk } from '../reconcile/createMany.ts';
import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import { creationOf } from '../reconcile/planDevice.ts';
import type { TodoModule } from '../run/run.ts';
import { noteAsked } from './checkpointNotes.ts';

export interface AskDeps {
  registry: Registry;
  policy: Policy;
  /** Aborted when calls under way are given up, with a reason of its own. */
  cutOff: AbortSignal;
}

/**
 * Asks the hub for a chunk's modules: in one bulk call, or, where they were all asked for before, by leaving them open to be
 * looked up. A dry run is answered without the hub. Throws as `createMany`.
 */
export async function askHub(
  { registry, policy, cutOff }: AskDeps,
  dryRun: boolean,
  chunk: readonly TodoModule[],
): Promise<BulkAnswer> {
  const specs = new Map(policy.map((spec) => [spec.moduleId, spec]));
  const settled: DeviceModuleOutcome[] = [];
  const open: ModuleCreation[] = [];
  const ownFailuresBefore = new Map<ModuleCreation, number>();
  for (const todo of chunk) {
    const { deviceId, moduleId } = todo;
    const spec = specs.get(moduleId);
    if (!spec)
      settled.push({ deviceId, moduleId, outcome: 'excluded', reason: 'policy' }); // it changed meanwhile
    else if (dryRun) settled.push({ deviceId, moduleId, outcome: 'created' });
    else {
      const creation = creationOf(spec, todo);
      open.push(creation);
      ownFailuresBefore.set(creation, todo.ownFailures ?? 0);
    }
  }
  if (open.length === 0 || chunk[0]?.asked) {
    const roundsBefore = Math.min(...chunk.map(({ rounds }) => rounds ?? 0));
    return { settled, open, mayHaveMade: true, servedBefore: [], roundsBefore, ownFailuresBefore };
  }
  try {
    const answer = await createInBulk(registry, open);
    return { ...answer, settled: [...settled, ...answer.settled] };
  } catch (error) {
    // The slice had no more time for the answer; the hub may have made them all the same.
    if (error === cutOff.reason) noteAsked(chunk, { open, mayHaveMade: true });
    throw error;
  }
}
