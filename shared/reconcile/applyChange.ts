import { assertNever } from '../assertNever.ts';
import { type HubError, isHubError } from '../hub/hubError.ts';
import type { ModuleCreation, ModuleName, Registry, TwinContent } from '../hub/registry.ts';
import type { ModuleChange } from './moduleChange.ts';
import { type DeviceModuleOutcome, type Verdict, verdictOf } from './outcome.ts';
import { patchFor } from './wantedTwin.ts';

/**
 * Makes one change and returns its outcome. Throws `HubError` for everything that says nothing about this device: the hub
 * is throttled or unavailable, a quota is used up, a role or right is missing. Throws `CheckTooOldError` for a removal whose check is
 * too old.
 */
export async function applyChange(registry: Registry, change: ModuleChange): Promise<DeviceModuleOutcome> {
  const { deviceId, moduleId } = change;
  try {
    return { deviceId, moduleId, ...(await apply(registry, change)) };
  } catch (error) {
    if (!isHubError(error)) throw error;
    const verdict =
      error.kind === 'unauthorized'
        ? await explainUnauthorized(registry, change, error)
        : verdictOf(error.kind, error.code);
    if (verdict === undefined) throw error;
    return { deviceId, moduleId, ...verdict };
  }
}

async function apply(registry: Registry, change: ModuleChange): Promise<Verdict> {
  switch (change.do) {
    case 'create':
      return { outcome: (await registry.createModule(change)) === 'created' ? 'created' : 'unchanged' };
    case 'writeTwin':
      return writeTwin(registry, change);
    case 'remove':
      return remove(registry, change);
    default:
      return assertNever(change);
  }
}

/** Another client may write the same twin at the same time; then the twin is read again. */
const maxWriteTries = 3;
const changedMeanwhile = { outcome: 'failed', reason: 'changedMeanwhile' } as const satisfies Verdict;

/** Reads the twin and writes what it lacks. If the spec creates the module, and it was removed meanwhile, creates it again. */
async function writeTwin(
  registry: Registry,
  { twin: wanted, ...name }: ModuleChange & { do: 'writeTwin' },
): Promise<Verdict> {
  for (let tries = 0; tries < maxWriteTries; tries++) {
    const twin = await registry.readModuleTwin(name);
    if (!twin) return wanted.isOurs ? createAgain(registry, name, wanted) : { outcome: 'excluded', reason: 'noModule' };
    const patch = patchFor(wanted, twin);
    if (!patch) return { outcome: 'unchanged' };
    if ((await registry.writeModuleTwin(name, patch, twin.etag)) === 'written') return { outcome: 'updated' };
  }
  return changedMeanwhile;
}

async function createAgain(
  registry: Registry,
  { deviceId, moduleId, authentication }: Omit<ModuleCreation, 'twin'>,
  { tags, desired }: TwinContent,
): Promise<Verdict> {
  const twin = { ...(tags ? { tags } : {}), ...(desired ? { desired } : {}) };
  const result = await registry.createModule({ deviceId, moduleId, authentication, twin });
  return { outcome: result === 'created' ? 'created' : 'unchanged' };
}

/** Removes a module if it has not changed since its check. */
async function remove(registry: Registry, { checked, ...name }: ModuleChange & { do: 'remove' }): Promise<Verdict> {
  if (!checked) throw new TypeError('A module must be checked, and its twin kept, before it is removed.');
  switch (await registry.removeModule(name, checked.etag, () => checked.throwIfOld())) {
    case 'removed':
      return { outcome: 'removed' };
    case 'missing':
      return { outcome: 'unchanged' };
    case 'conflict':
      return changedMeanwhile;
  }
}

/**
 * Under a SAS key a hub responds 401 to a module call on a missing or disabled device, as it does for a bad key. Reading the
 * device's twin tells them apart: if the device exists and is enabled, the 401 concerns the app and is thrown. If it
 * is disabled, and its module already is as the change would leave it, the outcome is `unchanged`.
 */
export async function explainUnauthorized(
  registry: Registry,
  name: ModuleName & Pick<ModuleChange, 'do'>,
  refusal: HubError,
): Promise<Verdict> {
  try {
    const device = await registry.getDevice(name.deviceId);
    if (device.status === 'disabled') {
      const isAsWanted = name.do !== 'writeTwin' && (await registry.hasModule(name)) === (name.do === 'create');
      return isAsWanted ? { outcome: 'unchanged' } : { outcome: 'blocked', reason: 'disabled' };
    }
  } catch (error) {
    if (isHubError(error, 'deviceNotFound')) return { outcome: 'gone' };
    throw error;
  }
  throw refusal;
}
