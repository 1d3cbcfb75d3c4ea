import { isHubError } from '../hub/hubError.ts';
import type { Registry } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import type { ModuleChange } from '../reconcile/moduleChange.ts';
import type { ModuleOutcome, Outcome } from '../reconcile/outcome.ts';
import { reconcileDevice } from '../reconcile/reconcileDevice.ts';
import { recordDevice } from '../reconcile/recordOutcomes.ts';
import { type ModuleState, verifyDevice } from '../reconcile/verifyDevice.ts';
import type { IntakeLimiter } from './intakeLimiter.ts';
import { leavePending, type PendingDeps } from './leavePending.ts';
import { LimitedError, tryNow } from './tryNow.ts';

/** What `ensureDevice` needs, for one hub and one request. */
export interface EnsureDeps extends PendingDeps {
  registry: Registry;
  policy: Policy;
  limiter: IntakeLimiter;
}

/** How long a request waits for the hub's worker, which reconciles a pending device within 10 s if the grant has room. */
const workerLimitMs = 20_000;
const lookEveryMs = 1_000;
/** When the caller should ask again about a device that the worker has not reconciled within `workerLimitMs`. */
const pendingRetryMs = 30_000;

/**
 * Reconciles one device at once and returns one outcome for each spec, in the policy's order. A device that needs no change
 * claims no operation. If the hub's worker is active, or the grant has no operation left, puts the device into the hub's pending
 * queue and waits up to 20 s for the worker; after that throws `LimitedError`, and the device stays pending. Throws the errors of
 * `tryNow` and `reconcileDevice`.
 */
export async function ensureDevice(deps: EnsureDeps, deviceId: string): Promise<ModuleOutcome[]> {
  const before = await verify(deps, deviceId);
  if (!before.some(isWanted)) return recorded(deps, before.map(outcomeOf));
  try {
    const { hub, policy } = deps;
    const outcomes = await tryNow({ ...deps, hub: hub.name }, (registry) =>
      reconcileDevice(registry, policy, deviceId, deps.clock.now()),
    );
    return recorded(deps, outcomes);
  } catch (error) {
    if (!(error instanceof LimitedError)) throw error;
    return throughWorker(deps, deviceId, before);
  }
}

/** Makes the device pending and waits until it needs no change. Does not record the outcomes, because the worker does. */
async function throughWorker(
  deps: EnsureDeps,
  deviceId: string,
  before: readonly ModuleState[],
): Promise<ModuleOutcome[]> {
  const { clock, hub } = deps;
  await leavePending(deps, deviceId, 0, 'limited');
  const untilMs = clock.elapsedMs() + workerLimitMs;
  while (clock.elapsedMs() < untilMs) {
    await clock.sleep(lookEveryMs);
    const after = await verifyIfServed(deps, deviceId);
    if (!after || after.some(isWanted)) continue;
    const needed = new Map(before.map(({ moduleId, needs }) => [moduleId, needs]));
    return after.map((state) => {
      const { moduleId } = state;
      const change = state.state === 'present' ? needed.get(moduleId) : undefined;
      return change === undefined ? outcomeOf(state) : { moduleId, outcome: outcomeOfChange[change] };
    });
  }
  throw new LimitedError(hub.name, pendingRetryMs, true);
}

function verify(deps: EnsureDeps, deviceId: string): Promise<ModuleState[]> {
  const { hub, policy } = deps;
  return tryNow({ ...deps, hub: hub.name }, (registry) => verifyDevice(registry, policy, deviceId, deps.clock.now()));
}

/** Returns undefined if no slot is free, or if the hub throttles or is unavailable: the device is pending, so the worker tries again. */
async function verifyIfServed(deps: EnsureDeps, deviceId: string): Promise<ModuleState[] | undefined> {
  try {
    return await verify(deps, deviceId);
  } catch (error) {
    if (isHubError(error, 'limited', 'throttled', 'unavailable')) return undefined;
    throw error;
  }
}

function recorded(deps: EnsureDeps, outcomes: ModuleOutcome[]): ModuleOutcome[] {
  recordDevice(deps, { hub: deps.hub.name, path: 'http' }, outcomes);
  return outcomes;
}

/** The outcome after each kind of change. */
const outcomeOfChange = {
  create: 'created',
  writeTwin: 'updated',
  remove: 'removed',
} as const satisfies Record<ModuleChange['do'], Outcome>;

function isWanted({ needs }: ModuleState): boolean {
  return needs !== undefined;
}

/** The outcome of a module that needs no change now. */
function outcomeOf({ moduleId, verdict }: ModuleState): ModuleOutcome {
  return { moduleId, ...(verdict ?? { outcome: 'unchanged' }) };
}
