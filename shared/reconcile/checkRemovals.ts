import type { Clock } from '../clock.ts';
import { concurrently } from '../concurrently.ts';
import { isHubError } from '../hub/hubError.ts';
import type { ModuleIdentity, Registry, Thumbprints, TwinContent } from '../hub/registry.ts';
import { defaultRemoval, type Policy } from '../policy/moduleSpec.ts';
import { explainUnauthorized } from './applyChange.ts';
import type { CheckedRemoval, ModuleChange } from './moduleChange.ts';
import { readConcurrency, whyNotSelectedNow } from './notSelectedNow.ts';
import { type DeviceModuleOutcome, type Verdict, verdictOf } from './outcome.ts';
import type { BulkResult, ChangeNotes } from './settleSingly.ts';

/** A module as it was before its removal, without keys: all that is needed to create it again. */
export interface RemovedModule {
  deviceId: string;
  moduleId: string;
  authentication: ModuleIdentity['authentication'];
  thumbprints?: Thumbprints;
  generationId: string;
  twin: Required<TwinContent>;
  /** ISO 8601; absent if the module was never active. */
  lastActivityTime?: string;
}

type Removal = ModuleChange & { do: 'remove' };

/**
 * How long a check is valid. A chunk of removals takes some 20 s while new devices go first. After a longer wait, as on a throttled
 * hub, the module may be in use again.
 */
const checkGoodForMs = 30_000;

/** The check of a removal is too old, so it was not sent; the change is still to be made. */
export class CheckTooOldError extends Error {
  constructor() {
    super('The module must be checked again before it is removed.');
    this.name = 'CheckTooOldError';
  }
}

/**
 * Reads by id the modules to remove and their devices, because a query may show an old state. Passes the modules that may be removed
 * to `keep`, which stores them, and returns their removals as `unsettled` with the etag; all others get their outcome. A module of a
 * service (`managedBy`), with a system name, or of a device that the policy does not select any more is never removed. `mayBeOurs`:
 * an earlier call of the app may have removed them. Throws `HubError` for a refusal of the app, and what `keep` throws. Removes
 * nothing itself.
 */
export async function checkRemovals(
  registry: Registry,
  removals: readonly Removal[],
  how: {
    policy: Policy;
    clock: Pick<Clock, 'now' | 'elapsedMs'>;
    mayBeOurs: boolean;
    keep(modules: readonly RemovedModule[]): Promise<void>;
    notes: Pick<ChangeNotes, 'failedOnce'>;
  },
): Promise<BulkResult> {
  const settled: DeviceModuleOutcome[] = [];
  const unsettled: Removal[] = [];
  const kept: RemovedModule[] = [];
  await concurrently(removals, readConcurrency, async (removal) => {
    const { deviceId, moduleId } = removal;
    try {
      const checked = await check(registry, removal, how);
      if ('outcome' in checked) settled.push({ deviceId, moduleId, ...checked });
      else {
        unsettled.push({ ...removal, checked: { etag: checked.etag, throwIfOld: checked.throwIfOld } });
        kept.push(checked.module);
      }
    } catch (error) {
      if (!isHubError(error, 'unavailable')) throw error;
      how.notes.failedOnce(removal, error);
    }
  });
  if (kept.length > 0) await how.keep(kept);
  return { settled, unsettled, mayHaveApplied: false };
}

/** Returns a function that throws `CheckTooOldError` once a check of this moment is too old. */
function goodFor(clock: Pick<Clock, 'elapsedMs'>): () => void {
  const checkedAtMs = clock.elapsedMs();
  return () => {
    if (clock.elapsedMs() - checkedAtMs > checkGoodForMs) throw new CheckTooOldError();
  };
}

async function check(
  registry: Registry,
  removal: Removal,
  { policy, clock, mayBeOurs }: { policy: Policy; clock: Pick<Clock, 'now' | 'elapsedMs'>; mayBeOurs: boolean },
): Promise<Verdict | (CheckedRemoval & { module: RemovedModule })> {
  const { deviceId, moduleId } = removal;
  const missing: Verdict = { outcome: mayBeOurs ? 'removed' : 'unchanged' };
  try {
    const identity = await registry.readModule(removal);
    const throwIfOld = goodFor(clock);
    if (!identity) return missing;
    if (identity.managedBy !== undefined || moduleId.startsWith('$')) return { outcome: 'excluded', reason: 'managed' };
    const notSelected = await whyNotSelectedNow(registry, policy, removal, clock.now());
    if (notSelected) return notSelected;
    const { removal: rule = defaultRemoval } = policy.find((spec) => spec.moduleId === moduleId) ?? {};
    if (identity.isConnected && rule.connected === 'leave') return { outcome: 'blocked', reason: 'connected' };
    const twin = await registry.readModuleTwin(removal);
    if (!twin) return missing;
    const { authentication, thumbprints, generationId, lastActivityTime } = identity;
    const { tags, desired } = twin;
    const more = {
      ...(thumbprints ? { thumbprints } : {}),
      ...(lastActivityTime === undefined ? {} : { lastActivityTime }),
    };
    const module = { deviceId, moduleId, authentication, generationId, twin: { tags, desired }, ...more };
    return { etag: identity.etag, throwIfOld, module };
  } catch (error) {
    if (!isHubError(error)) throw error;
    const isUnauthorized = error.kind === 'unauthorized';
    const verdict = isUnauthorized
      ? await explainUnauthorized(registry, removal, error)
      : verdictOf(error.kind, error.code);
    if (verdict === undefined) throw error;
    return verdict;
  }
}
