import type { Figure } from '../benchmark.ts';
import type { BenchServers } from './benchServers.ts';
import { type BulkRange, bulkLoad } from './bulkLoad.ts';
import type { PostClient } from './postClient.ts';

/** What a hub is filled with: `devices` devices with one module each. */
export interface Filling {
  what: string;
  devices: number;
  moduleId: string;
  /** More members of each device's entry, as JSON text. */
  ofDevice?: string;
  /** More members of each module's entry, as JSON text. */
  ofModule?: string;
}

// Goals (docs/benchmarks.md): a full hub fits into 1 GiB and is filled in less than a minute.
const maxBytes = 1024 ** 3;
const minIdentitiesPerSecond = 20_000;

const inFlight = 4;
const peerIdentities = 100_000;
const bulkPath = '/devices?api-version=2021-04-12';
/** `{"isSuccessful":true,"errors":[],"warnings":[]}` */
const bulkResponseBytes = 47;

/** Fills the hub over HTTPS; measures rate and memory. Rejects if the hub then does not contain all identities. */
export async function fillFigures(servers: BenchServers, filling: Filling): Promise<Figure[]> {
  const { devices, moduleId, ofDevice, ofModule, what } = filling;
  const deviceRange: BulkRange = { from: 0, to: devices, ...(ofDevice ? { more: ofDevice } : {}) };
  const moduleRange: BulkRange = { from: 0, to: devices, moduleId, ...(ofModule ? { more: ofModule } : {}) };
  const clients = servers.clients(inFlight);
  try {
    const rates: Figure[] = [];
    for (const [kind, range] of [
      ['devices', deviceRange],
      ['modules', moduleRange],
    ] as const) {
      const target = { client: clients.peer, path: `/${bulkResponseBytes}` };
      const peerRate = await bulkLoad(target, { ...range, to: peerIdentities }, inFlight);
      rates.push({
        what: `${kind} made in bulk, ${what}`,
        value: await bulkLoad({ client: clients.hub, path: bulkPath }, range, inFlight),
        unit: 'identities/s',
        goal: { atLeast: minIdentitiesPerSecond },
        peer: { what: 'bare HTTPS server', value: peerRate },
      });
    }
    const count = await countIdentities(clients.hub);
    if (count !== 2 * devices) throw new Error(`The hub contains ${count} identities instead of ${2 * devices}`);
    return [...rates, await memoryFigure(servers, `most memory, ${count.toLocaleString('en')} identities, ${what}`)];
  } finally {
    clients.close();
  }
}

/** Peak memory of the emulator's process, as the kernel records it. */
export async function memoryFigure({ emulator, peer }: BenchServers, what: string): Promise<Figure> {
  const mebibytes = async (server: typeof emulator) => (await server.peakBytes()) / 1024 ** 2;
  return {
    what,
    value: await mebibytes(emulator),
    unit: 'MiB',
    goal: { atMost: maxBytes / 1024 ** 2 },
    peer: { what: 'bare HTTPS server', value: await mebibytes(peer) },
  };
}

/** Counts devices and modules together, by query. */
async function countIdentities(client: PostClient): Promise<number> {
  let total = 0;
  for (const collection of ['devices', 'devices.modules']) {
    const query = Buffer.from(JSON.stringify({ query: `SELECT COUNT() AS n FROM ${collection}` }));
    const { status, body } = await client.post('/devices/query?api-version=2021-04-12', query);
    if (status !== 200) throw new Error(`A count returned ${status}: ${body.subarray(0, 300).toString()}`);
    const [row]: { n: number }[] = JSON.parse(body.toString());
    total += row?.n ?? 0;
  }
  return total;
}
