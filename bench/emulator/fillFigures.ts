import type { Figure } from '../benchmark.ts';
import type { BenchServers } from './benchServers.ts';
import { type BulkRange, bulkLoad } from './bulkLoad.ts';
import { countIdentities } from './countIdentities.ts';

/** What a hub is filled with; `devices` devices, one module on each. */
export interface Filling {
  what: string;
  devices: number;
  moduleId: string;
  /** More members of each device's and each module's entry. */
  ofDevice?: string;
  ofModule?: string;
}

// The goals of the design, section 7.
const mostBytes = 1024 ** 3;
const leastIdentitiesPerSecond = 20_000;

const inFlight = 4;
const peerIdentities = 100_000;
const bulkPath = '/devices?api-version=2021-04-12';
/** `{"isSuccessful":true,"errors":[],"warnings":[]}` */
const bulkAnswerBytes = 47;

/** Fills the hub over HTTPS: how fast, and how much memory it takes. Rejects when the hub does not hold all in the end. */
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
      const target = { client: clients.peer, path: `/${bulkAnswerBytes}` };
      const peerRate = await bulkLoad(target, { ...range, to: peerIdentities }, inFlight);
      rates.push({
        what: `${kind} made in bulk, ${what}`,
        value: await bulkLoad({ client: clients.hub, path: bulkPath }, range, inFlight),
        unit: 'identities/s',
        goal: { atLeast: leastIdentitiesPerSecond },
        peer: { what: 'bare HTTPS server', value: peerRate },
      });
    }
    const held = await countIdentities(clients.hub);
    if (held !== 2 * devices) throw new Error(`The hub holds ${held} identities in place of ${2 * devices}`);
    return [...rates, await memoryFigure(servers, `most memory, ${held.toLocaleString('en')} identities, ${what}`)];
  } finally {
    clients.close();
  }
}

/** The most that the emulator's process ever took, as the kernel counts it. */
export async function memoryFigure({ emulator, peer }: BenchServers, what: string): Promise<Figure> {
  const mebibytes = async (server: typeof emulator) => (await server.peakBytes()) / 1024 ** 2;
  return {
    what,
    value: await mebibytes(emulator),
    unit: 'MiB',
    goal: { atMost: mostBytes / 1024 ** 2 },
    peer: { what: 'bare HTTPS server', value: await mebibytes(peer) },
  };
}
