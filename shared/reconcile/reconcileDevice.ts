import { isHubError } from '../hub/hubError.ts';
import type { FoundModule, Registry } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { applyChange } from './applyChange.ts';
import { type Decisions, decideAll } from './decide.ts';
import { pairKey } from './moduleChange.ts';
import { type DeviceModuleOutcome, type ModuleOutcome, type Verdict, verdictOf } from './outcome.ts';
import { planDevice, type Wish, withoutModules } from './planDevice.ts';
import { wantedTwinOf } from './wantedTwin.ts';

/**
 * Brings one device to its specs as of `nowMs`, except for removals. It reads the device by id. It then creates each module that must
 * only exist, because a create does not change an existing module, and reads, and if needed writes, each module whose twin matters.
 * Returns one outcome for each spec, in the policy's order. Throws `HubError`, of kind `deviceNotFound` if the device does not exist.
 */
export async function reconcileDevice(
  registry: Registry,
  policy: Policy,
  deviceId: string,
  nowMs: number,
): Promise<ModuleOutcome[]> {
  const { settled, needed } = await readAndPlan(registry, policy, deviceId, nowMs);
  const outcomes: DeviceModuleOutcome[] = [...settled];
  for (const change of needed) outcomes.push(await applyChange(registry, change));
  const byModule = new Map(outcomes.map(({ deviceId: _same, ...outcome }) => [outcome.moduleId, outcome]));
  return policy.map(({ moduleId }) => byModule.get(moduleId)).filter((outcome) => outcome !== undefined);
}

/**
 * Reads a device by id and decides its changes as of `nowMs`; removes nothing, which is left to runs. A module that must only exist
 * is not read: `needed` contains its create, which does not change a module that exists already. If the refusal of the read means
 * `blocked` (a Basic hub has no twins), all specs are blocked; a hub whose settings say that it has no modules is not called.
 * Throws any other `HubError`, of kind `deviceNotFound` if the device does not exist.
 */
export async function readAndPlan(
  registry: Registry,
  policy: Policy,
  deviceId: string,
  nowMs: number,
): Promise<Decisions> {
  return readDeviceAndDecide(registry, policy, { deviceId, nowMs }, (wish) => !isOnlyCreated(wish));
}

/** Does what `readAndPlan` does, but reads every module, so that `needed` contains only changes that the device needs now. */
export async function readAndCompare(
  registry: Registry,
  policy: Policy,
  deviceId: string,
  nowMs: number,
): Promise<Decisions> {
  return readDeviceAndDecide(registry, policy, { deviceId, nowMs }, () => true);
}

async function readDeviceAndDecide(
  registry: Registry,
  policy: Policy,
  { deviceId, nowMs }: { deviceId: string; nowMs: number },
  mustLook: (wish: Wish) => boolean,
): Promise<Decisions> {
  if (!registry.tierHasModules) return allBlocked(policy, deviceId, withoutModules);
  try {
    const { settled, wishes } = planDevice(policy, await registry.getDevice(deviceId), registry, nowMs);
    const found = new Map<string, FoundModule>();
    for (const wish of wishes.filter(mustLook)) {
      const module = await readFound(registry, wish);
      if (module) found.set(pairKey(wish), module);
    }
    const decisions = decideAll(wishes, found, 'onlyByRun');
    return { ...decisions, settled: [...settled, ...decisions.settled] };
  } catch (error) {
    const verdict = isHubError(error) ? verdictOf(error.kind, error.code) : undefined;
    if (verdict?.outcome !== 'blocked') throw error;
    return allBlocked(policy, deviceId, verdict);
  }
}

function isOnlyCreated({ spec, isReachable }: Wish): boolean {
  return spec.ensure === 'present' && isReachable && wantedTwinOf(spec) === undefined;
}

async function readFound(registry: Registry, wish: Wish): Promise<FoundModule | undefined> {
  const { deviceId, moduleId, spec } = wish;
  if (wantedTwinOf(spec)) return readTwin(registry, wish);
  return (await registry.hasModule(wish)) ? { deviceId, moduleId } : undefined;
}

async function readTwin(registry: Registry, wish: Wish): Promise<FoundModule | undefined> {
  const twin = await registry.readModuleTwin(wish);
  if (!twin) return undefined;
  const { deviceId, moduleId, tags, desired } = twin;
  return { deviceId, moduleId, twin: { tags, desired } };
}

function allBlocked(policy: Policy, deviceId: string, verdict: Verdict): Decisions {
  return { settled: policy.map(({ moduleId }) => ({ deviceId, moduleId, ...verdict })), needed: [] };
}
