import { app } from '@azure/functions';
import type { DeviceOutcomes } from '../shared/api/deviceSchemas.ts';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { policyOfHub } from '../shared/http/policyOfHub.ts';
import { Problem } from '../shared/http/problem.ts';
import { deviceIdOf, hubOf } from '../shared/http/requestParts.ts';
import { ensureDevice } from '../shared/intake/ensureDevice.ts';
import { inSpan } from '../shared/telemetry/telemetry.ts';

/** Reconciles one device and responds with the outcome for each module. */
export const ensureModules = httpHandler(async (request, log) => {
  const services = await appHost().app();
  const ofHub = hubOf(services, request.params.hub);
  const { hub } = ofHub;
  const deviceId = deviceIdOf(request);
  if (hub.paused) {
    throw new Problem(
      409,
      'paused',
      'The hub is paused',
      `Remove \`paused\` from the settings of hub ${hub.name} first.`,
    );
  }
  const policy = await policyOfHub(services, hub.name, log);
  const deps = { ...services, ...ofHub, policy, log };
  const attributes = { hub: hub.name, deviceId };
  const modules = await inSpan(services.telemetry, 'reconcile device', { attributes }, () =>
    ensureDevice(deps, deviceId),
  );
  for (const { moduleId, outcome, reason } of modules) {
    log.info('Outcome for one module of a device', { hub: hub.name, deviceId, moduleId, outcome, reason });
  }
  return answer<DeviceOutcomes>({ hub: hub.name, deviceId, modules });
});

app.http('ensureModules', {
  methods: ['PUT'],
  route: 'hubs/{hub}/devices/{deviceId}/modules',
  authLevel: 'function',
  handler: ensureModules,
});
