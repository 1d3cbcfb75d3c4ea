import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Azurite, startAzurite } from '../../../local/azurite/startAzurite.ts';
import type { HostProcess } from '../../../local/host/hostProcess.ts';
import { eventually, readRecords, startFixture, temporaryFolder } from './fixture.ts';
import { logged } from './logged.ts';

let azurite: Azurite;
let folder: string;
let service: QueueServiceClient;
beforeAll(async () => {
  [azurite, folder] = await Promise.all([startAzurite(), temporaryFolder()]);
  service = QueueServiceClient.fromConnectionString(azurite.connectionString);
});
afterAll(async () => {
  await azurite?.close();
  if (folder) await rm(folder, { recursive: true });
});

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');
const count = async (name: string) => (await service.getQueueClient(name).getProperties()).approximateMessagesCount;

async function texts(name: string): Promise<string[]> {
  const { peekedMessageItems } = await service.getQueueClient(name).peekMessages({ numberOfMessages: 32 });
  return peekedMessageItems.map(({ messageText }) => Buffer.from(messageText, 'base64').toString());
}

describe('queues behind the host', () => {
  let host: HostProcess;
  beforeAll(async () => {
    host = await startFixture(azurite.connectionString, 'fixture-work');
  });
  afterAll(() => host?.close());

  test('a queue output creates its queue and sends one message for each element of an array', async () => {
    const body = JSON.stringify([{ n: 1 }, 'two', 3]);
    expect((await fetch(`${host.url}/api/enqueue`, { method: 'POST', body })).status).toBe(202);
    expect((await texts('fixture-next')).sort()).toEqual(['3', 'two', '{\n  "n": 1\n}']);
  });

  test('a function gets the parsed message with its metadata, and its return value goes to the output queue', async () => {
    await service.getQueueClient('fixture-work').sendMessage(base64({ n: 7 }));
    const run = await eventually(async () =>
      (await readRecords(host, 'work')).find(({ message, phase }) => message?.n === 7 && phase === 'ended'),
    );
    expect(run.metadata).toEqual({
      queueTrigger: { n: 7 },
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      popReceipt: expect.any(String),
      dequeueCount: 1,
      insertionTime: expect.stringMatching(/^\d{4}-.*Z$/),
      expirationTime: expect.stringMatching(/^\d{4}-.*Z$/),
      nextVisibleTime: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    await eventually(async () => ((await count('fixture-work')) === 0 ? true : undefined));
    expect(await texts('fixture-work-done')).toEqual(['{\n  "done": {\n    "n": 7\n  }\n}']);
  });

  test('a message that fails repeatedly goes to the poison queue, and its function gets it', async () => {
    await service.getQueueClient('fixture-work').sendMessage(base64({ n: 8, fail: true }));
    const poisoned = await eventually(async () =>
      (await readRecords(host, 'workFailed')).find(({ message }) => message?.n === 8),
    );
    expect(poisoned.message).toEqual({ n: 8, fail: true });
    const tries = (await readRecords(host, 'work')).filter(({ message }) => message?.n === 8);
    expect(tries.map(({ metadata }) => metadata?.dequeueCount)).toEqual([1, 2]);
    expect((await texts('fixture-work-done')).join()).not.toContain('"n": 8');
  });

  test('a failed output fails the invocation, so the input message is kept', async () => {
    await service.getQueueClient('fixture-broken').sendMessage(base64({ n: 9 }));
    await eventually(async () =>
      (await texts('fixture-broken-poison').catch(() => [])).length === 1 ? true : undefined,
    );
    expect(await texts('fixture-broken-poison')).toEqual(['{"n":9}']);
    expect(await readRecords(host, 'brokenOutput')).toHaveLength(2);
    await logged(host, "Queue 'No_Such_Name_Allowed' did not take an output message");
  });

  test('the log never contains the key or a signature', () => {
    expect(host.logs()).not.toMatch(/Eby8vdM02|SharedKey|AccountKey/);
  });
});

describe('the end of the host', () => {
  /** Of functions and hooks that the end must not wait for; half of it is far more than the end takes. */
  const functionMs = 240_000;

  async function sendAndBegin(host: HostProcess, queueName: string, message: Record<string, unknown>): Promise<void> {
    await service.getQueueClient(queueName).sendMessage(base64(message));
    await eventually(async () => (await readRecords(host, 'work')).find(({ phase }) => phase === 'began'));
  }

  /** Starts the fixture with a hook that takes so long. */
  const startEnding = (queueName: string, hookMs: number) =>
    startFixture(azurite.connectionString, queueName, {
      drainMs: 0,
      settings: { FIXTURE_TERMINATE_MS: String(hookMs) },
    });

  test('on SIGINT the host ends after the appTerminate hooks, even if functions still run', async () => {
    const host = await startEnding('ending-soon', 200);
    await sendAndBegin(host, 'ending-soon', { ms: functionMs });
    const slow = fetch(`${host.url}/api/slow/${functionMs}`).then(({ status }) => status);
    const cut = expect(slow).rejects.toThrow();
    await logged(host, 'slow began');
    const startedAt = Date.now();
    await host.kill('SIGINT');
    expect(await host.exited).toEqual({ code: 0, signal: null });
    expect(Date.now() - startedAt).toBeLessThan(functionMs / 2);
    await logged(host, 'appTerminate ran');
    await cut;
    expect(await count('ending-soon')).toBe(1); // for another host
  });

  test('on SIGINT invocations that end during the hooks are completed', async () => {
    const host = await startEnding('ending-well', 4_500);
    await sendAndBegin(host, 'ending-well', { ms: 800 });
    const slow = fetch(`${host.url}/api/slow/500`).then((response) => response.text());
    await logged(host, 'slow began');
    await host.kill('SIGINT');
    expect((await host.exited).code).toBe(0);
    expect(await slow).toBe('slow ended');
    expect(await count('ending-well')).toBe(0);
    expect(await texts('ending-well-done')).toHaveLength(1);
  });

  test('on SIGINT the host waits at most 5 s for the hooks', async () => {
    const host = await startEnding('ending-late', functionMs);
    await sendAndBegin(host, 'ending-late', { ms: functionMs });
    const startedAt = Date.now();
    await host.kill('SIGINT');
    expect((await host.exited).code).toBe(0);
    expect(Date.now() - startedAt).toBeGreaterThan(4_500);
    expect(Date.now() - startedAt).toBeLessThan(functionMs / 2);
    expect(await count('ending-late')).toBe(1);
  });

  test('on SIGKILL no message is lost', async () => {
    const host = await startFixture(azurite.connectionString, 'ending-hard');
    await sendAndBegin(host, 'ending-hard', { ms: functionMs });
    await host.kill('SIGKILL');
    expect((await host.exited).signal).toBe('SIGKILL');
    expect(await count('ending-hard')).toBe(1);
  });

  test('a function that exceeds functionTimeout fails; then the worker is told, and what else runs may end', async () => {
    const hostJson = join(folder, 'host.json');
    await writeFile(hostJson, JSON.stringify({ version: '2.0', functionTimeout: '00:00:02' }));
    const host = await startFixture(azurite.connectionString, 'timing-out', { hostJson });
    const slow = fetch(`${host.url}/api/slow/30000`);
    const timedOut = slow.then(async (response) => [response.status, await response.text()]);
    await logged(host, 'slow began');
    expect(await timedOut).toEqual([500, '']);
    const other = fetch(`${host.url}/api/slow/1900`).then((response) => response.text());
    expect(await other).toBe('slow ended');
    expect(await host.exited).toEqual({ code: 1, signal: null });
    await logged(host, 'Timeout value of 2 s exceeded by function: Functions.slow.');
    await logged(host, 'appTerminate ran');
  });
});

describe('a timer that was missed while no host ran', () => {
  test('a timer with a missed time runs once at start, past due, from the stored status', async () => {
    const settings = { FIXTURE_SCHEDULE: '0 */1 * * * *' };
    const first = await startFixture(azurite.connectionString, 'timed-one', { settings });
    const container = 'azure-webjobs-hosts';
    const blob = BlobServiceClient.fromConnectionString(azurite.connectionString)
      .getContainerClient(container)
      .getBlockBlobClient('timers/local/Host.Functions.nightly/status');
    await eventually(async () => ((await blob.exists()) ? true : undefined));
    await first.close();
    const lastMs = Math.floor(Date.now() / 60_000) * 60_000 - 600_000;
    const iso = (ms: number) => new Date(ms).toISOString();
    const stored = JSON.stringify({ Last: iso(lastMs), Next: iso(lastMs + 60_000), LastUpdated: iso(lastMs) });
    await blob.upload(stored, stored.length);
    const second = await startFixture(azurite.connectionString, 'timed-two', { settings });
    try {
      const run = await eventually(async () => (await readRecords(second, 'nightly'))[0]);
      expect(run.timer).toMatchObject({
        isPastDue: true,
        scheduleStatus: { last: iso(lastMs), next: iso(lastMs + 60_000) },
      });
    } finally {
      await second.close();
    }
  });
});
