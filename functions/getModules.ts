import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';
import { deviceIdOf, hubOf } from '../shared/http/requestParts.ts';
import { tryNow } from '../shared/intake/tryNow.ts';
import { verifyDevice } from '../shared/reconcile/verifyDevice.ts';

/** Tells of one device, by id and so never stale, which of the policy's modules it has. */
export const getModules = answer(async (request) => {
  const services = await appHost().app();
  const { hub, registry, bucket } = hubOf(services, request.params.hub);
  const deviceId = deviceIdOf(request);
  // Reading costs no registry operation; it only needs a place at the door.
  const door = { hub: hub.name, registry, bucket, clock: services.clock };
  const modules = await tryNow(door, 0, (bounded) => verifyDevice(bounded, services.config.policy, deviceId));
  return { jsonBody: { hub: hub.name, deviceId, modules } };
});

app.http('getModules', {
  methods: ['GET'],
  route: 'hubs/{hub}/devices/{deviceId}/modules',
  authLevel: 'function',
  handler: getModules,
});
