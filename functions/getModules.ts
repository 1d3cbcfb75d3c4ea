import { app } from '@azure/functions';
import type { DeviceModules } from '../shared/api/deviceSchemas.ts';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';
import { readDeviceModules } from '../shared/http/deviceModules.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { deviceIdOf, hubOf } from '../shared/http/requestParts.ts';

/** Responds with the state of each module of the policy on one device. */
export const getModules = httpHandler(async (request, log) => {
  const services = await appHost().app();
  const hub = hubOf(services, request.params.hub);
  return answer<DeviceModules>(await readDeviceModules({ ...services, log }, hub, deviceIdOf(request)));
});

app.http('getModules', {
  methods: ['GET'],
  route: 'hubs/{hub}/devices/{deviceId}/modules',
  authLevel: 'function',
  handler: getModules,
});
