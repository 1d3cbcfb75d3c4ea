import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Envelope, IngestionStub } from '../../support/ingestionStub.ts';

/** More than the queues of the exporter libraries hold, and less than one `write` can have (`RecordBuffer`). */
const many = 4_500;

let stub: IngestionStub;
beforeEach(async () => {
  stub = await IngestionStub.start();
});
afterEach(() => stub.close());

function startSending(kind: 'spans' | 'lines') {
  return spawn(process.execPath, [join(__dirname, 'sendToThread.ts'), stub.connectionString, kind, String(many)], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: stub.certificate.caFile, NODE_OPTIONS: '', NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Returns the events of the thread, each with the number of different items that had arrived by then. */
async function send(kind: 'spans' | 'lines', arrived: () => number): Promise<[event: string, arrived: number][]> {
  const child = startSending(kind);
  const events: [string, number][] = [];
  createInterface(child.stdout).on('line', (event) => events.push([event, arrived()]));
  const [code] = await once(child, 'close');
  return [...events, [`exit ${code}`, arrived()]];
}

test.each([
  ['spans', 'RemoteDependencyData', ({ data }: Envelope) => data.baseData.id],
  ['lines', 'MessageData', ({ data }: Envelope) => data.baseData.message],
] as const)('the exporter thread sends all %s of one write before it reports `written`', async (kind, type, nameOf) => {
  const events = await send(kind, () => new Set(stub.ofType(type).map(nameOf)).size);
  expect(events).toEqual([
    ['written', many],
    ['flushed', many],
    ['exit 0', many],
  ]);
  expect(stub.ofType(type)).toHaveLength(many);
  expect(stub.metric('keeper.hub_calls')).toMatchObject([{ value: 7 }]);
});

test('the exporter thread sends metrics although the endpoint does not respond to spans', async () => {
  stub.mode = 'hangs';
  const child = startSending('spans');
  const exited = once(child, 'close');
  const sent = (text: string) => stub.raw.some((raw) => raw.includes(text));
  try {
    while (!(sent('read device twin') && sent('keeper.hub_calls')) && stub.aborted === 0) await delay(20);
    // The sender aborts a request after 10 s: the request with the first 500 spans has not ended yet.
    expect([sent('read device twin'), sent('keeper.hub_calls'), stub.aborted]).toEqual([true, true, 0]);
  } finally {
    child.kill();
    await exited;
  }
});
