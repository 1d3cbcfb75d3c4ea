import type { Clock } from '../clock.ts';
import type { Registry } from '../hub/registry.ts';
import type { ModuleSpec, Policy } from '../policy/moduleSpec.ts';
import { type Create, isCreate, sendInBulk } from '../reconcile/applyChanges.ts';
import { checkRemovals, type RemovedModule } from '../reconcile/checkRemovals.ts';
import { completeChange } from '../reconcile/decide.ts';
import type { ModuleChange } from '../reconcile/moduleChange.ts';
import { notSelectedNow } from '../reconcile/notSelectedNow.ts';
import type { BulkResult, ChangeNotes } from '../reconcile/settleSingly.ts';
import type { TodoChange } from '../run/run.ts';

/** If the last page is older than this, a device is read by id before it is changed. A page usually holds two minutes of work. */
const maxTodoAgeMs = 15 * 60_000;

/** What sending a chunk needs. */
export interface SendDeps {
  registry: Registry;
  policy: Policy;
  clock: Pick<Clock, 'now' | 'elapsedMs'>;
  /** When the last page was added to the todo; ISO 8601, null if that is not known. */
  pageAt: string | null;
  /** Stores modules before they are removed. */
  keepRemoved(modules: readonly RemovedModule[]): Promise<void>;
}

/**
 * Sends a chunk, whose changes are all of one kind. Creates go into one bulk call. Removals are checked by id, and their modules are
 * stored. A change that may have waited, for a window or for the hub or the app, is made only if the policy still selects the
 * device. The caller looks up, or makes singly, what is returned as `unsettled`: creates that the response left open or that were
 * sent before, twin writes, and removals that the check allows. Throws as `sendInBulk` and `checkRemovals`.
 */
export async function sendChunk(deps: SendDeps, chunk: readonly TodoChange[], notes: ChangeNotes): Promise<BulkResult> {
  const { registry, policy } = deps;
  const nowMs = deps.clock.now();
  const specs = new Map(policy.map((spec) => [spec.moduleId, spec]));
  const changes = chunk.map((todo) => completeChange(specOf(specs, todo), withoutNotes(todo)));
  const mayHaveApplied = chunk[0]?.asked === true;
  const removals = changes.filter((change) => change.do === 'remove');
  if (removals.length > 0) {
    const keep = (modules: readonly RemovedModule[]) => deps.keepRemoved(modules);
    return checkRemovals(registry, removals, { policy, clock: deps.clock, mayBeOurs: mayHaveApplied, keep, notes });
  }
  const isOld = !(nowMs - Date.parse(deps.pageAt ?? '') <= maxTodoAgeMs);
  const mayHaveWaited = ({ moduleId }: ModuleChange) => isOld || specs.get(moduleId)?.windows !== undefined;
  // This includes changes that are noted as sent, because a window may have closed before the call.
  const toCheck = changes.filter(mayHaveWaited);
  const { left, settled } = await notSelectedNow(registry, policy, toCheck, { nowMs, notes });
  const wanted = changes.filter((change) => !left.has(change));
  const creates = wanted.filter(isCreate);
  if (creates.length === 0 || chunk.some(mustBeLookedUp)) return { settled, unsettled: wanted, mayHaveApplied };
  const sent = await sendCreates(registry, creates, notes);
  return { ...sent, settled: [...settled, ...sent.settled] };
}

/** Sends creates in one bulk call; notes them as sent if the slice ended before the response came. Throws as `sendInBulk`. */
export async function sendCreates(
  registry: Registry,
  creates: readonly Create[],
  notes: ChangeNotes,
): Promise<BulkResult> {
  let inFlight = false;
  const onInFlight = (isInFlight: boolean) => {
    inFlight = isInFlight;
  };
  try {
    return await sendInBulk(registry, creates, onInFlight);
  } catch (error) {
    // The slice ended before the response came; the hub may still have made the changes.
    if (inFlight) notes.sent(creates);
    throw error;
  }
}

/** Whether the change was sent before or has failed. It must then not be sent in bulk, where it may make all others fail. */
export function mustBeLookedUp({ asked, ownFailures }: TodoChange): boolean {
  return asked === true || ownFailures !== undefined;
}

function specOf(specs: ReadonlyMap<string, ModuleSpec>, { moduleId }: TodoChange): ModuleSpec {
  const spec = specs.get(moduleId);
  // When the policy changes, the run restarts its listing with an empty todo.
  if (!spec) throw new TypeError(`The run's policy has no spec for module ${moduleId}.`);
  return spec;
}

function withoutNotes({ asked: _asked, ownFailures: _failures, retryAtMs: _at, ...change }: TodoChange) {
  return change;
}
