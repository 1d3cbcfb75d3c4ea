import { describe, expect, test } from '@jest/globals';
import { seedDevices } from '../../local/emulator/state/seedDevices.ts';
import { holdLease } from './holdLease.ts';
import { agent, TestCloud } from './testCloud.ts';

/** Returns every string of at least 20 characters in a property whose name contains "key". */
function keysIn(value: unknown, below = ''): string[] {
  if (typeof value === 'string') return /key/i.test(below) && value.length >= 20 ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => keysIn(inner, name));
}

describe('the app', () => {
  test('writes no key to logs, storage or HTTP responses, whether calls succeed or fail', async () => {
    const cloud = await TestCloud.start({ seed: ({ hub }) => seedDevices(hub, { count: 120 }) });
    const { emulator } = cloud.cloud;
    try {
      for (const deviceId of ['event-1', 'http-1', 'queue-1', 'refused-1']) cloud.hub.createDevice({ deviceId });
      await cloud.postSample('event-1');
      await cloud.call('PUT', cloud.modulesPath('http-1'));
      await cloud.call('GET', cloud.modulesPath('http-1'));
      await holdLease(cloud, () => cloud.postSample('queue-1'));
      await cloud.call('POST', '/api/sweeps', '{}');
      await cloud.until('the sweep ends', async () =>
        /"status":"done"/.test((await cloud.call('GET', '/api/sweeps')).text),
      );
      for (const fault of [
        { kind: 'status', status: 401 },
        { kind: 'status', status: 500 },
        { kind: 'reset' },
      ] as const) {
        emulator.faults.add({ ...fault, operation: 'putModule' });
        await cloud.call('PUT', cloud.modulesPath('refused-1'));
      }
      await cloud.call('POST', '/api/sweeps', '{"connectionString":"HostName=x;SharedAccessKey=y"}');
      await cloud.call('GET', '/api/health');

      const keys = [...cloud.hub.devices()].flatMap(({ deviceId, moduleIds }) => [
        ...keysIn(cloud.hub.identity(deviceId)),
        ...moduleIds.flatMap((moduleId) => keysIn(cloud.hub.identity(deviceId, moduleId))),
      ]);
      const policyKey = /SharedAccessKey=(.+)$/.exec(emulator.connectionString)?.[1] ?? '';
      const storageKey = /AccountKey=([^;]+)/.exec(cloud.cloud.storageConnectionString)?.[1] ?? '';
      const secrets = [...keys, policyKey, storageKey, 'SharedAccessSignature', 'sig='];
      expect(keys.length).toBeGreaterThan(200);
      expect(Math.min(...secrets.map(({ length }) => length))).toBeGreaterThan(0);

      const text = [cloud.cloud.host.logs(), ...cloud.responses, ...(await cloud.stored())].join('\n');
      // Shows that the search can find something.
      expect(text).toContain('event-1');
      expect(text).toContain(agent);
      expect(secrets.filter((secret) => text.includes(secret) || text.includes(encodeURIComponent(secret)))).toEqual(
        [],
      );
    } finally {
      await cloud.cloud.close();
    }
  });
});
