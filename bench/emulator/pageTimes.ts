import { deviceIdAt } from './bulkLoad.ts';
import type { PostClient, PostReply } from './postClient.ts';

/** Times and size of pages of 100 rows. */
export interface PageTimes {
  tookMs: number[];
  /** Size of the last page. */
  bytes: number;
}

export type PageKind = 'devices' | 'modules by device ids';

const rowsPerPage = 100;
const path = '/devices/query?api-version=2021-04-12';

/**
 * Reads `count` pages of 100 rows, each from another part of the hub. Rejects if one does not return 200 with 100 rows.
 */
export async function pageTimes(
  client: PostClient,
  kind: PageKind,
  range: { count: number; devices: number; moduleId: string },
): Promise<PageTimes> {
  const tookMs: number[] = [];
  let bytes = 0;
  let continuation: Record<string, string> = {};
  for (let page = 0; page < range.count; page += 1) {
    const body = kind === 'devices' ? devicesQuery() : modulesQuery(page, range);
    const reply = await client.post(path, body, { 'x-ms-max-item-count': String(rowsPerPage), ...continuation });
    requireFullPage(reply);
    tookMs.push(reply.tookMs);
    bytes = reply.body.length;
    const token = reply.headers['x-ms-continuation'];
    continuation = kind === 'devices' && typeof token === 'string' ? { 'x-ms-continuation': token } : {};
  }
  return { tookMs, bytes };
}

/** The query of the app's sweep. */
const devicesQuery = (): Buffer => queryBody('SELECT deviceId, status, authenticationType, capabilities FROM devices');

function modulesQuery(page: number, range: { count: number; devices: number; moduleId: string }): Buffer {
  const first = Math.floor((page / range.count) * (range.devices - rowsPerPage));
  const ids = Array.from({ length: rowsPerPage }, (_, index) => `'${deviceIdAt(first + index)}'`).join(',');
  return queryBody(
    `SELECT deviceId, moduleId FROM devices.modules WHERE moduleId = '${range.moduleId}' AND deviceId IN [${ids}]`,
  );
}

const queryBody = (query: string): Buffer => Buffer.from(JSON.stringify({ query }));

function requireFullPage({ status, body }: PostReply): void {
  const rows: unknown = status === 200 ? JSON.parse(body.toString()) : undefined;
  if (!Array.isArray(rows) || rows.length !== rowsPerPage)
    throw new Error(`A page returned ${status}: ${body.subarray(0, 300).toString()}`);
}
