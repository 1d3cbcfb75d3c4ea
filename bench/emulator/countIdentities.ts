import type { PostClient } from './postClient.ts';

/** Counts devices and modules together, by query. */
export async function countIdentities(client: PostClient): Promise<number> {
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
