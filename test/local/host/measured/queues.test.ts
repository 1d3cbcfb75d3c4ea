import { QueueServiceClient } from '@azure/storage-queue';
import { describe, expect, test } from '@jest/globals';
import { logged } from '../logged.ts';
import { measuredHost } from './measuredHost.ts';

const measured = measuredHost('measured-queues');

// How many messages run at once, and how often: queueTriggerRules.test.ts.
describe('queue outputs, as measured', () => {
  test('an object is written as indented JSON in base64; an array becomes one message for each element', async () => {
    expect((await measured.send('POST', '/api/enqueue', {}, '[{"a":{"b":[1]}},"text"]'))[0]).toBe(202);
    const queue = QueueServiceClient.fromConnectionString(measured.storage).getQueueClient('fixture-next');
    const { peekedMessageItems } = await queue.peekMessages({ numberOfMessages: 32 });
    const texts = peekedMessageItems.map(({ messageText }) => Buffer.from(messageText, 'base64').toString());
    expect(texts.sort()).toEqual(['text', '{\n  "a": {\n    "b": [\n      1\n    ]\n  }\n}']);
  });

  test('a message over 64 KB fails the function', async () => {
    expect(await measured.send('POST', '/api/enqueue', {}, JSON.stringify('x'.repeat(65_536)))).toEqual([500, '']);
    await logged(measured.host, "Queue 'fixture-next' did not take an output message");
  });
});
