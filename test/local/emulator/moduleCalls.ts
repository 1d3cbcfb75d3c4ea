import type { HubClient, Reply } from './hubClient.ts';

export const agent = 'DefenderIotMicroAgent';

/** PUT of a module identity; `headers` may carry an If-Match. */
export const putModule = (client: HubClient, deviceId: string, moduleId = agent, more: object = {}, headers = {}) =>
  client.send('PUT', `/devices/${encodeURIComponent(deviceId)}/modules/${encodeURIComponent(moduleId)}`, {
    body: { deviceId, moduleId, ...more },
    headers,
  });

/** What a caller may key on: the status and the name of the error. */
export const outcome = (reply: Reply) => [reply.status, reply.headers['iothub-errorcode']];
