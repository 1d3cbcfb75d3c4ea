import { app } from '@azure/functions';
import type { DeviceModules } from '../shared/api/deviceSchemas.ts';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { policyOfHub } from '../shared/http/policyOfHub.ts';
import { deviceIdOf, hubOf } from '../shared/http/requestParts.ts';
import { tryNow } from '../shared/intake/tryNow.ts';
import { adviceForOutcome } from '../shared/reconcile/adviceForOutcome.ts';
import { readDetails } from '../shared/reconcile/readDetails.ts';
import { type ModuleState, verifyDevice } from '../shared/reconcile/verifyDevice.ts';

/** Responds with the modules of the policy that one device has. Reads by id, because query results may be stale. */
export const getModules = httpHandler(async (request, log) => {
  const services = await appHost().app();
  const { hub, registry, limiter } = hubOf(services, request.params.hub);
  const deviceId = deviceIdOf(request);
  const policy = await policyOfHub(services, hub.name, log);
  const { clock } = services;
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
  return answer<DeviceModules>({ hub: hub.name, deviceId, modules });
});

function withAdvice({ verdict, ...module }: ModuleState): DeviceModules['modules'][number] {
  if (module.reason === undefined || verdict === undefined) return module;
  return { ...module, advice: adviceForOutcome(verdict.outcome, module.reason) };
}

app.http('getModules', {
  methods: ['GET'],
  route: 'hubs/{hub}/devices/{deviceId}/modules',
  authLevel: 'function',
  handler: getModules,
});
