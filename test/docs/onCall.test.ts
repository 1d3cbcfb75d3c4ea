import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedDevices } from '../../local/emulator/state/seedDevices.ts';
import { holdLease } from '../e2e/holdLease.ts';
import { agent, keys, TestCloud } from '../e2e/testCloud.ts';

const page = readFileSync('docs/on-call.md', 'utf8');
const [, ...blocks] = [...page.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);
/** Without their remarks, in the order of the page. */
const commands = blocks.flatMap((block) =>
  block
    .trim()
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '')),
);

/** What each command of the page prints, and how it ends, on a hub that was swept once and of which a device has lost its module. */
const answers: [start: string, code: number, printed: RegExp][] = [
  ['keeper status', 1, /contoso/],
  ['curl -s $at/hubs -H', 0, /"share":0\.\d+/],
  ['curl -s $at/health', 0, /"status":"ok"/],
  ['keeper hubs', 0, /contoso/],
  ['curl -s "$at/sweeps?hub=$HUB', 0, /"status":"done".*"progress"/],
  ['keeper failures $HUB', 1, /disabled/],
  ['curl -s "$at/status"', 0, /"reason":"disabled","count":\d+,"advice":"\w/],
  ['keeper why "$DEVICE"', 1, /missing/],
  ['curl -s "$at/hubs/$HUB/devices/$DEVICE/modules" -H', 0, /"state":"missing".*"needs":"create"/],
  ['keeper plan $HUB', 0, /pump-1/],
  ['keeper sweep $HUB --wait', 0, /done/],
  ['curl -s -X POST $at/sweeps', 0, /"runId":/],
  ['curl -s -X PUT "$at/hubs/$HUB/devices/$DEVICE/modules"', 0, /"outcome":"(created|unchanged)"/],
  ['keeper cancel $HUB', 0, /cancelled/],
];

describe('docs/on-call.md', () => {
  let cloud: TestCloud;
  const folder = mkdtempSync(join(tmpdir(), 'module-keeper-'));

  beforeAll(async () => {
    const keeper = join(folder, 'keeper');
    writeFileSync(keeper, `#!/bin/sh\nexec "${process.execPath}" "${resolve('cli/main.ts')}" "$@"\n`);
    chmodSync(keeper, 0o755);
    cloud = await TestCloud.start({ seed: ({ hub }) => seedDevices(hub, { count: 60, mix: { disabled: 0.2 } }) });
    cloud.hub.createDevice({ deviceId: 'pump-1' });
    await cloud.json('POST', '/api/sweeps', {});
    await cloud.until('the sweep has finished', async () => {
      const { text } = await cloud.call('GET', '/api/hubs');
      return JSON.parse(text).hubs[0].lastFinishedSweep !== null;
    });
    cloud.hub.deleteModule('pump-1', agent);
  });
  afterAll(async () => {
    await cloud.cloud.close();
    rmSync(folder, { recursive: true });
  });

  function run(command: string): Promise<{ code: number; text: string }> {
    const { url } = cloud.cloud.host;
    const env = {
      ...{ PATH: `${folder}${delimiter}${process.env.PATH}`, KEEPER_URL: url, KEEPER_KEY: keys.host },
      ...{ at: `${url}/api`, KEY: keys.host, HUB: 'contoso', DEVICE: 'pump-1' },
    };
    return new Promise((done) => {
      execFile('/bin/sh', ['-c', command], { env }, (error, stdout, stderr) =>
        done({ code: typeof error?.code === 'number' ? error.code : 0, text: stdout + stderr }),
      );
    });
  }

  async function withQueuedRun<T>(attempt: () => Promise<T>): Promise<T> {
    let result: T | undefined;
    await holdLease(cloud, async () => {
      await cloud.json('POST', '/api/sweeps', {});
      result = await attempt();
    });
    return result as T;
  }

  test('has exactly the commands that these tests run, in the same order', () => {
    expect(commands).toEqual(answers.map(([start]) => expect.stringContaining(start)));
  });

  test.each(answers.map(([start, code, printed], index) => ({ start, code, printed, command: commands[index] ?? '' })))(
    'has a command that answers its question: $start',
    async ({ command, code, printed, start }) => {
      expect(command.startsWith(start)).toBe(true);
      const attempt = () => run(command);
      // A run is queued while the lease is held, so that there is one to cancel.
      const result = start === 'keeper cancel $HUB' ? await withQueuedRun(attempt) : await attempt();
      expect(result).toEqual({ code, text: expect.stringMatching(printed) });
      expect(result.text).not.toContain(keys.host);
    },
  );

  test('is shorter than 110 lines', () => {
    expect(page.split('\n').length).toBeLessThan(110);
  });

  test('is named by every alert', () => {
    const templates = readdirSync('infra/watch').filter((file) => file.endsWith('lerts.bicep'));
    expect(templates).toHaveLength(2);
    for (const file of templates) {
      const text = readFileSync(join('infra/watch', file), 'utf8');
      const described = [...text.matchAll(/operations\.md#alert-/g)].length;
      expect([file, [...text.matchAll(/docs\/on-call\.md/g)].length]).toEqual([file, described]);
    }
    const guide = readFileSync('docs/operations.md', 'utf8');
    expect(guide.slice(guide.indexOf('## Read the alerts')).slice(0, 400)).toContain('(on-call.md)');
  });
});
