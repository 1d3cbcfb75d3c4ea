import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type Azurite, startAzurite } from '../../../local/azurite/startAzurite.ts';
import { EmulatorClock } from '../../../local/emulator/state/emulatorClock.ts';
import type { QueueTrigger } from '../../../local/host/queueTrigger.ts';
import { systemClock } from '../../../shared/clock.ts';
import { eventually } from './fixture.ts';
import { type ListenOptions, listenOn, type Run } from './queueListener.ts';
import { startTcpGate } from './tcpGate.ts';

let azurite: Azurite;
let trigger: QueueTrigger | undefined;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterEach(() => trigger?.stop());
afterAll(() => azurite?.close());

function listen(queueName: string, options: ListenOptions = {}) {
  const listening = listenOn(azurite.connectionString, queueName, options);
  trigger = listening.trigger;
  return listening;
}

const fail = ({ end }: Run): void => end(new Error('told to'));
const succeed = ({ end }: Run): void => end();

describe('a queue trigger', () => {
  test('a queue trigger creates its queue, runs the function for each message, and deletes it on success', async () => {
    const { queue, trigger: listener, runs, count } = listen('simple', { work: succeed });
    await listener.started;
    await Promise.all(['a', 'b', 'c'].map((text) => queue.sendMessage(text)));
    await eventually(() => (runs.length === 3 ? true : undefined));
    await eventually(async () => ((await count()) === 0 ? true : undefined));
    expect(runs.map(({ text }) => text).sort()).toEqual(['a', 'b', 'c']);
  });

  test('a failed message becomes visible after visibilityTimeout, then moves unchanged to the poison queue', async () => {
    const {
      queue,
      trigger: listener,
      runs,
      log,
      count,
      poisonQueue,
    } = listen('failing', {
      work: fail,
      visibilityTimeoutMs: 1_000,
    });
    await listener.started;
    await queue.sendMessage('poison me');
    await eventually(() => (runs.length === 1 ? true : undefined));
    const failedAt = Date.now();
    await eventually(() => (runs.length === 2 ? true : undefined));
    expect(Date.now() - failedAt).toBeGreaterThan(700);
    await eventually(async () => ((await count()) === 0 ? true : undefined));
    expect(runs.map(({ dequeueCount }) => dequeueCount)).toEqual([1, 2]);
    const { receivedMessageItems } = await poisonQueue.receiveMessages();
    expect(receivedMessageItems.map(({ messageText }) => messageText)).toEqual(['poison me']);
    expect(log).toContain('Message has reached MaxDequeueCount of 2.');
  });

  test('a message that reached maxDequeueCount by crashes goes to the poison queue without a run', async () => {
    const service = QueueServiceClient.fromConnectionString(azurite.connectionString);
    await service.createQueue('crashed');
    const queue = service.getQueueClient('crashed');
    await queue.sendMessage('crashed twice');
    for (let crash = 0; crash < 2; crash += 1) {
      const [message] = (await queue.receiveMessages({ visibilityTimeout: 30 })).receivedMessageItems;
      await queue.updateMessage(message?.messageId ?? '', message?.popReceipt ?? '', undefined, 0);
    }
    const { runs, poisonQueue, count } = listen('crashed', { work: succeed });
    await eventually(async () => ((await count()) === 0 ? true : undefined));
    expect((await poisonQueue.peekMessages()).peekedMessageItems).toMatchObject([{ messageText: 'crashed twice' }]);
    expect(runs).toEqual([]);
  });

  test('a failed message of a poison queue stays there, invisible', async () => {
    const { queue, trigger: listener, runs, count } = listen('work-poison', { work: fail });
    await listener.started;
    await queue.sendMessage('again');
    await eventually(() => (runs.length === 1 ? true : undefined));
    await listener.stop();
    expect(runs).toHaveLength(1);
    expect(await count()).toBe(1);
    expect((await queue.peekMessages()).peekedMessageItems).toEqual([]);
  });

  test('a message in another encoding goes to the poison queue without a run', async () => {
    const {
      queue,
      trigger: listener,
      runs,
      poisonQueue,
      count,
    } = listen('encoded', { work: succeed, messageEncoding: 'base64' });
    await listener.started;
    await queue.sendMessage('{"plain":"text"}');
    await queue.sendMessage(Buffer.from('{"fine":1}').toString('base64'));
    await eventually(async () => ((await count()) === 0 ? true : undefined));
    expect(runs.map(({ text }) => text)).toEqual(['{"fine":1}']);
    expect((await poisonQueue.peekMessages()).peekedMessageItems).toMatchObject([{ messageText: '{"plain":"text"}' }]);
  });

  test('a message stays invisible while its function runs', async () => {
    // Storage would show it after 8 s. The trigger's time is 20 times as fast, so it renews every 0.2 s: only a hang is too late.
    const clock = new EmulatorClock(systemClock, 20);
    const { queue, trigger: listener, runs, count } = listen('renewed', { leaseMs: 8_000, clock });
    await listener.started;
    await queue.sendMessage('long');
    await eventually(() => (runs.length === 1 ? true : undefined));
    const until = Date.now() + 10_000;
    await eventually(() => (Date.now() > until ? true : undefined));
    expect(runs).toHaveLength(1);
    runs[0]?.end();
    await eventually(async () => ((await count()) === 0 ? true : undefined));
  });

  test('a queue trigger continues after a storage outage, which it logs once, without the key', async () => {
    const endpoint = /QueueEndpoint=http:\/\/127\.0\.0\.1:(\d+)/.exec(azurite.connectionString);
    const gate = await startTcpGate(Number(endpoint?.[1]));
    const connectionString = azurite.connectionString.replace(
      endpoint?.[0] ?? '',
      `QueueEndpoint=http://127.0.0.1:${gate.port}`,
    );
    const { queue, trigger: listener, runs, log } = listen('outage', { work: succeed, connectionString });
    try {
      await listener.started;
      gate.shut(true);
      await eventually(() => (log.length > 0 ? true : undefined));
      await queue.sendMessage('sent meanwhile');
      gate.shut(false);
      await eventually(() => (runs.length === 1 ? true : undefined));
      expect(log.filter((line) => line.includes('cannot be read'))).toHaveLength(1);
      expect(log).toContain("Queue 'outage' can be read again.");
      expect(log.join()).not.toMatch(/SharedKey|AccountKey|Eby8vdM02/);
    } finally {
      await listener.stop();
      await gate.close();
    }
  });

  test('a stopped queue trigger receives nothing more, and waits for the running invocation and its message', async () => {
    const { queue, trigger: listener, runs, count } = listen('stopped');
    await listener.started;
    await queue.sendMessage('first');
    await eventually(() => (runs.length === 1 ? true : undefined));
    let isStopped = false;
    const stopped = listener.stop().then(() => {
      isStopped = true;
    });
    await queue.sendMessage('second');
    expect(isStopped).toBe(false);
    runs[0]?.end();
    await stopped;
    expect(runs).toHaveLength(1);
    expect(await count()).toBe(1);
  });
});
