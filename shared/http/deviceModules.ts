import type { DeviceModules } from '../api/deviceSchemas.ts';
import type { App, HubServices } from '../app.ts';
import { tryNow } from '../intake/tryNow.ts';
import { adviceForOutcome } from '../reconcile/adviceForOutcome.ts';
import { readDetails } from '../reconcile/readDetails.ts';
import { type ModuleState, verifyDevice } from '../reconcile/verifyDevice.ts';
import type { Log } from '../telemetry/log.ts';
import { policyOfHub } from './policyOfHub.ts';

/**
 * Returns the state of each module of the policy on one device. Reads by id, because query results may be stale. Throws
 * `HubError`, `NoPolicyError`, and what storage throws.
 */
export async function readDeviceModules(
  services: App & { log: Log },
  { hub, registry, limiter }: HubServices,
  deviceId: string,
): Promise<DeviceModules> {
  const { clock, log } = services;
  const policy = await policyOfHub(services, hub.name, log);
  const intake = { hub: hub.name, registry, limiter, clock };
  const modules = await tryNow(intake, async (bounded) => {
    const states = await verifyDevice(bounded, policy, deviceId, clock.now());
    const shown: DeviceModules['modules'] = [];
    for (const state of states) {
      const spec = state.state === 'present' ? policy.find(({ moduleId }) => moduleId === state.moduleId) : undefined;
      const details = spec && (await readDetails(bounded, spec, deviceId));
      shown.push({ ...withAdvice(state), ...(details ? { details } : {}) });
    }
    return shown;
  });
  return { hub: hub.name, deviceId, modules };
}

function withAdvice({ verdict, ...module }: ModuleState): DeviceModules['modules'][number] {
  if (module.reason === undefined || verdict === undefined) return module;
  return { ...module, advice: adviceForOutcome(verdict.outcome, module.reason) };
}
