import type { Figure } from '../benchmark.ts';
import { percentile } from '../percentile.ts';
import type { BenchServers } from './benchServers.ts';
import type { Filling } from './fillFigures.ts';

const walks = 7;

/** The time of a query that reads every device and finds none: the worst case of a condition without device ids. No goal. */
export async function walkFigure(servers: BenchServers, { devices }: Filling): Promise<Figure> {
  const clients = servers.clients(1);
  try {
    const body = Buffer.from(JSON.stringify({ query: "SELECT deviceId FROM devices WHERE tags.site = 'nowhere'" }));
    const tookMs: number[] = [];
    for (let walk = 0; walk < walks; walk += 1) {
      const reply = await clients.hub.post('/devices/query?api-version=2021-04-12', body);
      if (reply.status !== 200 || reply.body.toString() !== '[]')
        throw new Error(`A query that finds nothing returned ${reply.status}`);
      tookMs.push(reply.tookMs);
    }
    const what = `query that looks at all ${devices.toLocaleString('en')} devices and finds none, p50`;
    return { what, value: percentile(tookMs, 0.5), unit: 'ms' };
  } finally {
    clients.close();
  }
}
