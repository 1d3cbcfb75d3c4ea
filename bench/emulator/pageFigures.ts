import type { Figure } from '../benchmark.ts';
import { percentile } from '../percentile.ts';
import type { BenchServers } from './benchServers.ts';
import type { Filling } from './fillFigures.ts';
import { type PageKind, type PageTimes, pageTimes } from './pageTimes.ts';
import type { PostClient } from './postClient.ts';

/** Goal for a page, at the median and the 95th percentile (docs/benchmarks.md). */
const maxPageMs = 5;
const warmPages = 1000;
const coldPages = 100;

/**
 * Times of pages of 100 rows, each from another part of a full hub: the first page of its kind (one sample, so without
 * a goal), pages on a new connection each (without its handshake), and pages on one open connection.
 */
export async function pageFigures(servers: BenchServers, filling: Filling): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const kind of ['devices', 'modules by device ids'] as const) {
    for (const [how, count, connections] of [
      ['the first ever', 1, 'new each time'],
      ['cold, first on its connection', coldPages, 'new each time'],
      ['warm, open connection', warmPages, 1],
    ] as const) {
      const clients = servers.clients(connections);
      const times = await pageTimes(clients.hub, kind, { ...filling, count });
      const peerMs = await constantTimes(clients.peer, times);
      clients.close();
      figures.push(...figuresOf(kind, how, times, peerMs));
    }
  }
  return figures;
}

/** Times of the same number of responses of the same size from the peer, in milliseconds. */
async function constantTimes(client: PostClient, { tookMs, bytes }: PageTimes): Promise<number[]> {
  const times: number[] = [];
  for (let call = 0; call < tookMs.length; call += 1)
    times.push((await client.post(`/${bytes}`, Buffer.from('{"query":"SELECT"}'))).tookMs);
  return times;
}

function figuresOf(kind: PageKind, how: string, times: PageTimes, peerMs: readonly number[]): Figure[] {
  const isOne = times.tookMs.length === 1;
  return (isOne ? [1] : [0.5, 0.95]).map((share) => ({
    what: `page of 100 ${kind}, ${how}${isOne ? '' : `, p${share * 100}`}`,
    value: percentile(times.tookMs, share),
    unit: 'ms',
    ...(isOne ? {} : { goal: { atMost: maxPageMs } }),
    peer: { what: `bare HTTPS, ${times.bytes} bytes`, value: percentile(peerMs, share) },
  }));
}
