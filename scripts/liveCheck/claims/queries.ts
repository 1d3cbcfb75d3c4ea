import { moduleCountQuery } from '../../../shared/hub/twinQueries.ts';
import { asExpected, type Claim, different, noOption, notSettled } from '../claim.ts';
import type { HubReply } from '../httpExchange.ts';
import { shortly } from '../hubCalls.ts';
import { continuationOf, rowsOf, type ScratchDevice } from '../scratchDevice.ts';
import { Unsettled } from '../unsettled.ts';

/** Names nobody: only how many rows a page has is of interest. */
const everyDevice = 'SELECT status FROM devices';

export const countOfModules: Claim = {
  id: 'count-of-modules',
  claim: '`COUNT` on `devices.modules`',
  source: 'documented for `devices` only',
  expected: 'one row with the count',
  otherwise: 'sweeps the hub without knowing its headroom',
  async probe(device) {
    const reply = await device.query(moduleCountQuery);
    const change = noOption('query/aggregate.ts');
    if (reply.status !== 200) return different(shortly(reply), change);
    const [row, ...more] = rowsOf(reply);
    return more.length === 0 && typeof row?.n === 'number'
      ? asExpected('200, one row with a number')
      : different(`200, ${rowsOf(reply).length} rows, without the number in its column`, change);
  },
};

export const largestPage: Claim = {
  id: 'largest-page',
  claim: 'the largest query page',
  source: "1,000 in Microsoft's pages of 2016, 100 from about 2018",
  expected: '1,000 rows',
  otherwise: 'asks for 100 to 1,000, and takes what comes',
  async probe(device) {
    const reply = await device.query(everyDevice, { 'x-ms-max-item-count': '1000' });
    const [rows, change] = [pageRows(reply), '--max-page-rows (maxPageRows)'];
    if (rows === undefined) return different(shortly(reply), change);
    if (continuationOf(reply) === undefined && rows < 1000)
      return notSettled(`the hub has too few devices: one page holds at least ${rows}`);
    return rows === 1000 ? asExpected('1000 rows') : different(`${rows} rows`, `--max-page-rows ${rows}`);
  },
};

export const defaultPage: Claim = {
  id: 'default-page',
  claim: 'the size of a query page if the request names none',
  source: 'unknown; one client sends 100',
  expected: '100 rows',
  otherwise: 'names a size, except for the count, which is one row',
  async probe(device) {
    const reply = await device.query(everyDevice);
    const rows = pageRows(reply);
    if (rows === undefined) return different(shortly(reply), noOption('operations/queryTwins.ts'));
    if (continuationOf(reply) === undefined && rows <= 100)
      return notSettled(`the hub has too few devices: one page holds at least ${rows}`);
    return rows === 100 ? asExpected('100 rows') : different(`${rows} rows`, `defaultPageRows: ${rows}`);
  },
};

export const continuationAfterAMinute: Claim = {
  id: 'continuation-after-a-minute',
  claim: 'how long a continuation token is valid',
  source: 'unknown',
  expected: 'at least a minute (longer is not tried)',
  otherwise: 'restarts the listing after a refusal, as often as that makes progress',
  async probe(device) {
    const { query, token } = await firstPage(device);
    await device.calls.pause(60_000);
    const reply = await device.query(query, { 'x-ms-max-item-count': '1', 'x-ms-continuation': token });
    return reply.status === 200
      ? asExpected('still valid after 60 s')
      : different(`refused after 60 s: ${shortly(reply)}`, noOption('query/continuationToken.ts'));
  },
};

export const continuationOfOtherSize: Claim = {
  id: 'continuation-of-other-size',
  claim: 'a continuation token with another page size than the page before',
  source: 'a Microsoft developer, Azure/Industrial-IoT pull request 522',
  expected: '400',
  otherwise: 'keeps the page size of a listing, so it does not matter',
  async probe(device) {
    const { query, token } = await firstPage(device);
    const reply = await device.query(query, { 'x-ms-max-item-count': '2', 'x-ms-continuation': token });
    if (reply.status === 400) return asExpected(shortly(reply));
    return reply.status === 200
      ? different('accepted', '--any-page-size')
      : different(shortly(reply), noOption('query/continuationToken.ts'));
  },
};

function pageRows(reply: HubReply): number | undefined {
  return reply.status === 200 && Array.isArray(reply.body) ? reply.body.length : undefined;
}

/** The first page, of one row, of a listing of three modules. Throws `Unsettled` if there is no second page. */
async function firstPage(device: ScratchDevice): Promise<{ query: string; token: string }> {
  const query = device.moduleQuery(await device.listedModules());
  const reply = await device.query(query, { 'x-ms-max-item-count': '1' });
  rowsOf(reply);
  const token = continuationOf(reply);
  if (token === undefined) throw new Unsettled('a page of one of three rows has no continuation token');
  return { query, token };
}
