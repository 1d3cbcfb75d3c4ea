import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Envelope, IngestionStub } from '../../support/ingestionStub.ts';

/** Far more than the queues of the exporter's libraries hold, and as one hand-over may have. */
const many = 4_500;

let stub: IngestionStub;
beforeEach(async () => {
  stub = await IngestionStub.start();
});
afterEach(() => stub.close());

/** How many different items had arrived by each answer of the thread. */
async function handOver(kind: 'spans' | 'lines', arrived: () => number): Promise<[news: string, arrived: number][]> {
  const script = join(__dirname, 'handOver.ts');
  const child = spawn(process.execPath, [script, stub.connectionString, kind, String(many)], {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: stub.certificate.caFile, NODE_OPTIONS: '', NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
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
  },
  30_000,
);
