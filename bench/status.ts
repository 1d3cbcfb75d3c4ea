import { mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Cloud, startCloud } from '../local/cloud.ts';
import { hostKeys } from '../local/host/hostKeys.ts';
import { bundle } from '../scripts/bundle.ts';
import { blobDocuments } from '../shared/storage/blobDocuments.ts';
import { storageClients } from '../shared/storage/storageClients.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { percentile } from './percentile.ts';
import { storeHub } from './status/storedHubs.ts';
import { benchSize } from './worker/benchSize.ts';

/** The goal in docs/benchmarks.md. */
const maxMs = 200;
const manyHubs = 40;
/** Every fourth hub has a live run. */
const liveEvery = 4;
const defaultRequests = 40;
const hostKeySecret = 'benchmark';

const paths = ['/api/status', '/api/hubs'] as const;

/** How long `GET /api/status` and `GET /api/hubs` take. Both read stored documents and queue counts, and call no hub. */
export const statusBenchmark: Benchmark = {
  name: 'status',
  summary: `the status of ${manyHubs} hubs and of one, over HTTP, with the documents of 30 runs a hub in Azurite`,
  run: async (say) => {
    const requests = Math.ceil(defaultRequests * benchSize(process.env.BENCH_SIZE));
    const times = {
      one: await timesFor(1, requests, say),
      many: await timesFor(manyHubs, requests, say),
    };
    return paths.flatMap((path): Figure[] => {
      const [many, one] = [times.many[path] ?? [], times.one[path] ?? []];
      return [
        {
          what: `GET ${path}, ${manyHubs} hubs, median`,
          value: percentile(many, 0.5),
          unit: 'ms',
          goal: { atMost: maxMs },
          peer: { what: 'one hub', value: percentile(one, 0.5) },
        },
        {
          what: `GET ${path}, ${manyHubs} hubs, 95th percentile`,
          value: percentile(many, 0.95),
          unit: 'ms',
          peer: { what: 'one hub', value: percentile(one, 0.95) },
        },
      ];
    });
  },
};

/** Milliseconds of each request, by path. */
async function timesFor(
  hubs: number,
  requests: number,
  say: (line: string) => void,
): Promise<Record<string, number[]>> {
  const folder = await mkdtemp(join('out', 'bench-status-'));
  const names = Array.from({ length: hubs }, (_, index) => `plant-${index}`);
  let cloud: Cloud | undefined;
  try {
    cloud = await startCloud({
      hub: { name: 'contoso', queryDelayMs: 0 },
      app: resolve(await bundle(join(folder, 'app'))),
      hostKeySecret,
      settings: {
        IOTHUB_CONNECTION_STRING: '',
        HUB_NAME: '',
        HUB_TIER: '',
        HUB_UNITS: '',
        HUBS: JSON.stringify(names.map(hubSetting)),
        // These functions would call the hubs, which do not exist.
        'AzureWebJobs.watchHubs.Disabled': 'true',
        'AzureWebJobs.nightlySweep.Disabled': 'true',
      },
    });
    say(`  storing ${hubs} hubs with 30 runs each`);
    const { container } = await storageClients(
      { kind: 'connectionString', connectionString: cloud.storageConnectionString },
      () => Promise.reject(new Error('Azurite needs no credential')),
    );
    const documents = blobDocuments(container);
    const nowMs = Date.now();
    for (const [index, name] of names.entries()) await storeHub(documents, name, index % liveEvery === 0, nowMs);
    const times: Record<string, number[]> = {};
    for (const path of paths) {
      times[path] = [];
      // The first five requests load code and open connections.
      for (let index = -5; index < requests; index++) {
        const tookMs = await timed(`${cloud.host.url}${path}`, hubs);
        if (index >= 0) times[path].push(tookMs);
      }
    }
    return times;
  } finally {
    await cloud?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The setting of a hub that does not exist: the status calls no hub. */
function hubSetting(name: string): object {
  const key = Buffer.alloc(32, name).toString('base64');
  const connectionString = `HostName=${name}.azure-devices.net;SharedAccessKeyName=keeper;SharedAccessKey=${key}`;
  return { name, connectionString, tier: 'S1' };
}

async function timed(url: string, hubs: number): Promise<number> {
  const startMs = performance.now();
  const response = await fetch(url, { headers: { 'x-functions-key': hostKeys(hostKeySecret).host } });
  const answer = (await response.json()) as { hubs?: { lastFinishedSweep: unknown }[] };
  const tookMs = performance.now() - startMs;
  const read = answer.hubs?.filter(({ lastFinishedSweep }) => lastFinishedSweep !== null).length;
  if (read !== hubs) throw new Error(`${url} responded ${response.status} with ${read} hubs instead of ${hubs}`);
  return tookMs;
}
