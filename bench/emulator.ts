import { join } from 'node:path';
import iothub from 'azure-iothub';
import type { Benchmark, Figure } from './benchmark.ts';
import { bulkLoad } from './emulator/bulkLoad.ts';
import { type ChildServer, startChildServer } from './emulator/childServer.ts';
import { type PageKind, type PageTimes, pageTimes } from './emulator/pageTimes.ts';
import { PostClient } from './emulator/postClient.ts';
import { percentile } from './percentile.ts';

const devices = 500_000;
const moduleId = 'DefenderIotMicroAgent';
const connections = 4;
const peerCalls = 1000;
const warmPages = 500;
const coldPages = 50;
const bulkAnswerBytes = 52;

// The goals of the design, section 7.
const mostBytes = 1024 ** 3;
const leastIdentitiesPerSecond = 20_000;
const mostPageMs = 5;

/** Fills an emulator in a process of its own with a million identities over HTTPS, then reads pages of it. */
export const emulatorBenchmark: Benchmark = {
  name: 'emulator',
  summary: 'a million identities in the IoT Hub emulator: memory, bulk rate, query pages',
  run: async (say) => {
    const emulator = await startChildServer(join(import.meta.dirname, '../local/emulator/main.ts'), [
      ...['--port', '0', '--no-throttling', '--query-delay-ms', '0'],
    ]);
    const peer = await startChildServer(join(import.meta.dirname, 'emulator/constantServer.ts'), []);
    try {
      const headers = { authorization: tokenOf(emulator) };
      return [...(await fill(emulator, peer, headers, say)), ...(await readPages(emulator, peer, headers, say))];
    } finally {
      await Promise.all([emulator.stop(), peer.stop()]);
    }
  },
};

type Headers = Readonly<Record<string, string>>;
type Say = (line: string) => void;

async function fill(emulator: ChildServer, peer: ChildServer, headers: Headers, say: Say): Promise<Figure[]> {
  const client = new PostClient(emulator, headers, connections);
  const peerClient = new PostClient(peer, headers, connections);
  try {
    const target = { client, path: '/devices?api-version=2021-04-12' };
    const peerTarget = { client: peerClient, path: `/${bulkAnswerBytes}` };
    const peerDevices = await bulkLoad(peerTarget, { from: 0, to: peerCalls * 100 }, connections);
    say(`  filling: ${devices} devices, then ${moduleId} on each`);
    const deviceRate = await bulkLoad(target, { from: 0, to: devices }, connections);
    const moduleRate = await bulkLoad(target, { from: 0, to: devices, moduleId }, connections);
    const peerModules = await bulkLoad(peerTarget, { from: 0, to: peerCalls * 100, moduleId }, connections);
    const { residentBytes, peakBytes } = await emulator.memory();
    const peerMemory = await peer.memory();
    const rate = (what: string, value: number, peerValue: number): Figure => ({
      what,
      value,
      unit: 'identities/s',
      goal: { atLeast: leastIdentitiesPerSecond },
      peer: { what: 'bare HTTPS server', value: peerValue },
    });
    return [
      rate('devices made in bulk', deviceRate, peerDevices),
      rate('modules made in bulk', moduleRate, peerModules),
      memory('most memory while filling', peakBytes, peerMemory.peakBytes),
      memory(`memory with ${(2 * devices).toLocaleString('en')} identities`, residentBytes, peerMemory.residentBytes),
    ];
  } finally {
    client.close();
    peerClient.close();
  }
}

async function readPages(emulator: ChildServer, peer: ChildServer, headers: Headers, say: Say): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const kind of ['devices', 'modules by device ids'] as const) {
    say(`  reading pages of ${kind}`);
    for (const [how, pages, connectionsOpen] of [
      ['the first ever', 1, 1],
      ['cold, each on a new connection', coldPages, 'new each time'],
      ['warm, on an open connection', warmPages, 1],
    ] as const) {
      const client = new PostClient(emulator, headers, connectionsOpen);
      const peerClient = new PostClient(peer, headers, connectionsOpen);
      const times = await pageTimes(client, kind, { count: pages, devices, moduleId });
      const peerTimes = await constantTimes(peerClient, times);
      figures.push(...pageFigures(kind, how, times, peerTimes));
      client.close();
      peerClient.close();
    }
  }
  const { peakBytes } = await emulator.memory();
  return [...figures, memory('most memory at all', peakBytes, (await peer.memory()).peakBytes)];
}

/** As many answers of the same size from the peer. */
async function constantTimes(client: PostClient, { tookMs, bytes }: PageTimes): Promise<number[]> {
  const times: number[] = [];
  for (let call = 0; call < tookMs.length; call += 1) {
    times.push((await client.post(`/${bytes}`, Buffer.from('{"query":"SELECT"}'))).tookMs);
  }
  return times;
}

function pageFigures(kind: PageKind, how: string, times: PageTimes, peerMs: readonly number[]): Figure[] {
  const shares = times.tookMs.length === 1 ? [1] : [0.5, 0.95];
  return shares.map((share) => ({
    what: `page of 100 ${kind}, ${how}${times.tookMs.length === 1 ? '' : `, p${share * 100}`}`,
    value: percentile(times.tookMs, share),
    unit: 'ms',
    goal: { atMost: mostPageMs },
    peer: { what: `bare HTTPS, ${times.bytes} bytes`, value: percentile(peerMs, share) },
  }));
}

const memory = (what: string, bytes: number, peerBytes: number): Figure => ({
  what,
  value: bytes / 1024 ** 2,
  unit: 'MiB',
  goal: { atMost: mostBytes / 1024 ** 2 },
  peer: { what: 'bare HTTPS server', value: peerBytes / 1024 ** 2 },
});

/** The token of the policy iothubowner, good for an hour. */
function tokenOf({ ready }: ChildServer): string {
  const { HostName, SharedAccessKeyName, SharedAccessKey } = iothub.ConnectionString.parse(
    String(ready.connectionString),
  );
  const expiry = Math.floor(Date.now() / 1000) + 3600;
  return iothub.SharedAccessSignature.create(
    String(HostName),
    String(SharedAccessKeyName),
    String(SharedAccessKey),
    expiry,
  ).toString();
}
