import { isHubError } from '../hub/hubError.ts';
import type { Registry } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { compareUnreachable } from './compare.ts';
import { type ModuleChange, pairKey } from './moduleChange.ts';
import { type DeviceModuleOutcome, type Verdict, verdictOf } from './outcome.ts';
import { type DevicePlan, planDevice, withoutModules } from './planDevice.ts';

/**
 * Reads a device by id and plans its changes as of `nowMs`. Of a disabled device that the hub does not let change, its modules are read by
 * id too: each is `unchanged` or `blocked`. If the refusal means `blocked` (a Basic hub has no twins), all specs are blocked; a
 * hub whose settings say that it has no modules is not called. Throws any other `HubError`; `deviceNotFound` if the device does
 * not exist.
 */
export async function readAndPlan(
  registry: Registry,
  policy: Policy,
  deviceId: string,
  nowMs: number,
): Promise<Pick<DevicePlan, 'settled' | 'wanted'>> {
  if (!registry.tierHasModules) return allBlocked(policy, deviceId, withoutModules);
  try {
    const device = await registry.getDevice(deviceId);
    const { settled, wanted, unreachable } = planDevice(policy, device, registry, nowMs);
    return { settled: [...settled, ...(await readUnreachable(registry, unreachable))], wanted };
  } catch (error) {
    const verdict = isHubError(error) ? verdictOf(error.kind, error.code) : undefined;
    if (verdict?.outcome !== 'blocked') throw error;
    return allBlocked(policy, deviceId, verdict);
  }
}

async function readUnreachable(
  registry: Registry,
  unreachable: readonly ModuleChange[],
): Promise<DeviceModuleOutcome[]> {
  const found = new Set<string>();
  for (const change of unreachable) if (await registry.hasModule(change)) found.add(pairKey(change));
  return compareUnreachable(unreachable, found);
}

function allBlocked(policy: Policy, deviceId: string, verdict: Verdict): Pick<DevicePlan, 'settled' | 'wanted'> {
  return { settled: policy.map(({ moduleId }) => ({ deviceId, moduleId, ...verdict })), wanted: [] };
}
