import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Envelope, IngestionStub } from '../../support/ingestionStub.ts';

/** Far more than the queues of the exporter's libraries hold, and as one hand-over may have. */
const many = 4_500;

let stub: IngestionStub;
beforeEach(async () => {
  stub = await IngestionStub.start();
});
afterEach(() => stub.close());

function startHandOver(kind: 'spans' | 'lines') {
  return spawn(process.execPath, [join(__dirname, 'handOver.ts'), stub.connectionString, kind, String(many)], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: stub.certificate.caFile, NODE_OPTIONS: '', NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** How many different items had arrived by each answer of the thread. */
async function handOver(kind: 'spans' | 'lines', arrived: () => number): Promise<[news: string, arrived: number][]> {
  const child = startHandOver(kind);
  const answers: [string, number][] = [];
  createInterface(child.stdout).on('line', (news) => answers.push([news, arrived()]));
  const [code] = await once(child, 'close');
  return [...answers, [`exit ${code}`, arrived()]];
}

test.each([
  ['spans', 'RemoteDependencyData', ({ data }: Envelope) => data.baseData.id],
  ['lines', 'MessageData', ({ data }: Envelope) => data.baseData.message],
] as const)(
  'all %s of one hand-over arrive before it is answered',
  async (kind, type, nameOf) => {
    const answers = await handOver(kind, () => new Set(stub.ofType(type).map(nameOf)).size);
    expect(answers).toEqual([
      ['written', many],
      ['flushed', many],
      ['exit 0', many],
    ]);
    expect(stub.ofType(type)).toHaveLength(many);
    expect(stub.metric('keeper.hub_calls')).toMatchObject([{ value: 7 }]);
  },
  30_000,
);

test('metrics do not wait for spans that nobody takes', async () => {
  stub.mood = 'hangs';
  const child = startHandOver('spans');
  const exited = once(child, 'close');
  const sent = (text: string) => stub.raw.some((raw) => raw.includes(text));
  const startMs = Date.now();
  try {
    while (!(sent('read device twin') && sent('keeper.hub_calls')) && Date.now() - startMs < 9_000) await delay(20);
    // The limit of a request is ten seconds, so the first 500 spans were still under way.
    expect([sent('read device twin'), sent('keeper.hub_calls')]).toEqual([true, true]);
  } finally {
    child.kill();
    await exited;
  }
});
