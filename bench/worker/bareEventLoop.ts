import { Agent, request } from 'node:https';
import { hubToken } from '../../local/hubToken.ts';
import { deviceIdAt } from '../emulator/bulkLoad.ts';
import { bareFleet, moduleId } from './fleetOptions.ts';
import { withFleetHub } from './withFleetHub.ts';

const version = 'api-version=2021-04-12';

/** The smallest work of an event: reads the device twin and creates the module, over keep-alive connections. */
export function bareEventLoop(
  devices: number,
  concurrency: number,
): Promise<{ perSecond: number; perProcessorSecond: number }> {
  return withFleetHub({ ...bareFleet, throttling: false, devices }, async (hub) => {
    const agent = new Agent({ ca: hub.server.ca, keepAlive: true, maxSockets: concurrency });
    const authorization = hubToken(hub.connectionString);
    const call = (method: string, path: string, body?: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const headers = { authorization, ...(body ? { 'content-type': 'application/json; charset=utf-8' } : {}) };
        const where = { host: 'localhost', port: hub.server.port, path: `${path}?${version}` };
        const outgoing = request({ ...where, agent, method, headers }, (response) => {
          response.on('error', reject);
          response.on('end', () => {
            if (response.statusCode === 200) resolve();
            else reject(new Error(`the response to ${method} was ${response.statusCode}`));
          });
          response.resume();
        });
        outgoing.on('error', reject);
        outgoing.end(body);
      });
    let next = 0;
    const handleDevices = async () => {
      while (next < devices) {
        const deviceId = deviceIdAt(next++);
        await call('GET', `/twins/${deviceId}`);
        const body = JSON.stringify({ deviceId, moduleId, authentication: { type: 'sas' } });
        await call('PUT', `/devices/${deviceId}/modules/${moduleId}`, body);
      }
    };
    const before = process.cpuUsage();
    const startMs = performance.now();
    await Promise.all(Array.from({ length: concurrency }, handleDevices));
    const { user, system } = process.cpuUsage(before);
    agent.destroy();
    return {
      perSecond: devices / ((performance.now() - startMs) / 1000),
      perProcessorSecond: devices / ((user + system) / 1_000_000),
    };
  });
}
