import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { withEmulator } from './withEmulator.ts';

const root = join(__dirname, '../../..');
const jestProgram = join(root, 'node_modules/jest/bin/jest.js');

/** Runs files of the conformance suite as `npm run test:emulator` does, against whatever hub the variables name. */
function runSuite(
  files: readonly string[],
  variables: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  const paths = files.map((file) => `test/local/emulator/conformance/${file}`);
  const child = spawn(process.execPath, [jestProgram, '--runInBand', ...paths], {
    cwd: root,
    env: { ...process.env, ...variables },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
    });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })));
}

describe('The conformance suite against a hub that it did not start', () => {
  test('the conformance suite passes on a remote hub, prints what it skips and no key, and removes its devices', async () => {
    await withEmulator({}, async (_client, emulator) => {
      emulator.hub.createDevice({ deviceId: 'somebody-else' });
      const { code, output } = await runSuite(['deleteDevice', 'deviceStatistics'], {
        REMOTE_HUB_CONNECTION_STRING: emulator.connectionString,
        NODE_EXTRA_CA_CERTS: emulator.caFile,
      });
      expect([code, code === 0 ? '' : output]).toEqual([0, '']);
      expect(output).toContain('left out on a real hub: counts devices by status, and no modules: needs a hub that');
      const key = /SharedAccessKey=(.+)$/.exec(emulator.connectionString)?.[1] ?? '';
      expect(output.includes(key)).toBe(false);
      expect(emulator.counters().devicesCreated).toBeGreaterThan(3);
      expect([...emulator.hub.devices()].map((device) => device.deviceId)).toEqual(['somebody-else']);
    });
  });
});
