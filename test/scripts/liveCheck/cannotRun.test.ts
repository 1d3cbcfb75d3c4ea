import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PolicyName } from '../../../local/emulator/auth/sasAuthorization.ts';
import type { HubAccess } from '../../../scripts/liveCheck/hubAccess.ts';
import { entraAccess, type RunWishes, runOnEmulator, sasAccess, scratchId } from './runOnEmulator.ts';

const policy = (name: PolicyName): RunWishes => ({
  access: (emulator): HubAccess => ({
    ...{ kind: 'sas', hostName: emulator.hostName, connectionString: emulator.connectionStringOf(name) },
  }),
});
const otherKey: RunWishes = {
  access: (emulator) => {
    const connectionString = emulator.connectionString.replace(
      /SharedAccessKey=.*/,
      `SharedAccessKey=${'A'.repeat(43)}=`,
    );
    return { kind: 'sas', hostName: emulator.hostName, connectionString };
  },
};
const existing: RunWishes = { before: ({ hub }) => void hub.createDevice({ deviceId: scratchId }) };
const noCredential: RunWishes = {
  access: ({ hostName }) => ({
    ...{ kind: 'entra', hostName },
    credential: async () => ({ getToken: () => Promise.reject(new Error('secret words of the identity service')) }),
  }),
};
const firstAnswer = (status: number): RunWishes => ({
  before: ({ faults }) => faults.add({ operation: 'getDevice', kind: 'status', status, count: 3 }),
});

describe('The live check where it cannot run', () => {
  test.each<[string, RunWishes, string]>([
    [
      'a wrong key',
      otherKey,
      'The hub refused to read devices: 401 IotHubUnauthorizedAccess. Check that the key is current',
    ],
    ['a policy without registry rights', policy('service'), 'The hub refused to read devices: 401'],
    ['a policy without registry write', policy('registryRead'), 'The hub refused to create a device: 401'],
    ['a policy without service connect', policy('registryReadWrite'), 'service connect, as iothubowner has'],
    [
      'a reader',
      { access: entraAccess, hub: { entraRoles: ['IoT Hub Data Reader'] } },
      'the role IoT Hub Data Contributor',
    ],
    [
      'no twin rights',
      { access: entraAccess, hub: { entraRoles: ['IoT Hub Registry Contributor'] } },
      'refused to query: 401',
    ],
    ['no token', noCredential, 'No token of Microsoft Entra ID (Error). Sign in (az login)'],
    ['a Basic hub', { hub: { tier: 'B1' } }, 'Hubs of the Basic tier have no modules'],
    [
      'an unexpected first answer',
      firstAnswer(400),
      'was to be answered with 404 DeviceNotFound, not with 400 FaultRule',
    ],
    ['a 404 of something else', firstAnswer(404), 'The hub refused with 404 IotHubFailingOver.'],
    ['a device of that name', existing, 'was to be answered with 404 DeviceNotFound, not with 200'],
    ['an unknown authority', { trusted: false }, 'name the file with the certificate authority in NODE_EXTRA_CA_CERTS'],
  ])('with %s says what to check, and leaves the hub as it was', async (_, wishes, message) => {
    const run = await runOnEmulator({ devices: 3, ...wishes });
    expect(run.output).toContain(message);
    expect([run.code, run.rows.size]).toEqual([2, 0]);
    expect(run.output).not.toMatch(/secret words|SharedAccessKey=/);
    expect(run.devicesAfter.filter((id) => id !== scratchId)).toHaveLength(3);
    // Not the run's own device is never deleted.
    expect(run.devicesAfter.includes(scratchId)).toBe(wishes === existing);
  });

  test('nothing is written before the first answer is that of a hub', async () => {
    const run = await runOnEmulator({ devices: 3, ...firstAnswer(400) });
    expect(run.emulator.counters().devicesCreated).toBe(0);
    expect(run.recordings.size).toBe(0);
  });
});

describe('The live check that is cut off', () => {
  test.each(['bulk-create-without-keys', 'continuation-after-a-minute', 'index-delay'])(
    'Ctrl+C at %s: the device is removed, and what was settled is printed',
    async (id) => {
      const run = await runOnEmulator({ devices: 3, onClaim: (claim, _, interrupt) => claim.id === id && interrupt() });
      expect(run.code).toBe(2);
      expect(run.output).toContain('Interrupted');
      expect(run.rows.has(id)).toBe(false);
      expect(run.rows.has('missing')).toBe(false);
      expect(run.devicesAfter).toHaveLength(3);
    },
  );

  test('keeps to its largest number of calls, whatever that is, and removes its device', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 7, max: 60 }), async (maxCalls) => {
        const run = await runOnEmulator({ devices: 3, maxCalls });
        const requests = Object.values(run.emulator.counters().requests).flatMap((byStatus) => Object.values(byStatus));
        expect(requests.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(maxCalls);
        expect(run.devicesAfter).toHaveLength(3);
        if (maxCalls < 30) expect([run.code, run.output]).toEqual([2, expect.stringContaining('calls is used up')]);
      }),
      { numRuns: 12 },
    );
  });

  test('a hub that fails in the middle leaves its rows open, not different, and the device is removed', async () => {
    const run = await runOnEmulator({
      devices: 3,
      only: ['count-of-modules', 'module-on-missing-device', 'existing-module'],
      onClaim: ({ id }, { faults }) => {
        if (id === 'module-on-missing-device') faults.add({ operation: 'putModule', kind: 'reset' });
        if (id === 'count-of-modules') faults.add({ operation: 'query', kind: 'status', status: 503, count: 9 });
      },
    });
    expect(run.code).toBe(2);
    expect(Object.fromEntries(run.rows)).toEqual({
      'module-on-missing-device': { seen: expect.stringContaining('no answer from the hub'), result: 'not settled' },
      'existing-module': { seen: expect.anything(), result: 'as expected' },
      'count-of-modules': { seen: 'the hub refused with 503 ServiceUnavailable', result: 'not settled' },
    });
    expect(run.devicesAfter).toHaveLength(3);
  });

  test('a read that fails once is tried again', async () => {
    const run = await runOnEmulator({
      ...{ devices: 3, only: ['count-of-modules'] },
      onClaim: (_, { faults }) => faults.add({ operation: 'query', kind: 'reset' }),
    });
    expect([run.code, run.rows.get('count-of-modules')?.result]).toEqual([0, 'as expected']);
  });

  test('a device that cannot be removed is named with the command that removes it, and the code is 2', async () => {
    const run = await runOnEmulator({
      ...{ devices: 3, only: ['count-of-modules'] },
      onClaim: (_, { faults }) => faults.add({ operation: 'deleteDevice', kind: 'status', status: 503, count: 9 }),
    });
    expect(run.code).toBe(2);
    expect(run.output).toContain(`az iot hub device-identity delete --hub-name <hub> --device-id ${scratchId}`);
  });

  test('the removal is tried again', async () => {
    const run = await runOnEmulator({
      ...{ devices: 3, only: ['count-of-modules'], access: sasAccess },
      onClaim: (_, { faults }) => faults.add({ operation: 'deleteDevice', kind: 'reset', count: 2 }),
    });
    expect([run.code, run.devicesAfter.length]).toEqual([0, 3]);
  });
});
