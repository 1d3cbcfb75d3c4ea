import { HttpRequest } from '@azure/functions';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { csvOf, reportResponse } from '../../../shared/http/lineReport.ts';
import { failureLines } from '../../../shared/http/reportLines.ts';
import { legalId } from '../hub/legalId.ts';

const get = (accept?: string) =>
  new HttpRequest({
    method: 'GET',
    url: 'http://localhost/api/sweeps/contoso/x/failures',
    headers: accept === undefined ? {} : { accept },
  });
const report = {
  lines: [{ deviceId: '=1+1', count: 2 }],
  columns: ['deviceId', 'count'] as const,
  fileName: 'contoso-x',
};

/** The cells of CSV by RFC 4180, as a program reads them. */
function cellsOf(csv: string): string[][] {
  const rows: string[][] = [[]];
  for (const [all, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    if (all === '') break;
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end === '\r\n') rows.push([]);
  }
  return rows.filter((row) => row.length > 0);
}

describe('a report', () => {
  test.each([
    [undefined, undefined, 'application/x-ndjson'],
    [undefined, '*/*', 'application/x-ndjson'],
    [undefined, 'text/csv', 'text/csv; charset=utf-8; header=present'],
    [undefined, 'text/*;q=0.5, application/x-ndjson;q=0.1', 'text/csv; charset=utf-8; header=present'],
    ['csv', 'application/x-ndjson', 'text/csv; charset=utf-8; header=present'],
    ['ndjson', 'image/png', 'application/x-ndjson'],
  ] as const)('with format %j and Accept %j is %s', (format, accept, type) => {
    const { headers } = reportResponse(get(accept), format, report);
    expect(headers).toMatchObject({ 'content-type': type, 'cache-control': 'no-store', vary: 'accept' });
  });

  test('refuses an Accept that it cannot serve', () => {
    expect(() => reportResponse(get('image/png'), undefined, report)).toThrow(
      expect.objectContaining({ status: 406, type: 'not-acceptable' }),
    );
  });

  test('has a line of JSON each, or a heading and rows', () => {
    expect(reportResponse(get(), undefined, report).body).toBe('{"deviceId":"=1+1","count":2}\n');
    expect(reportResponse(get(), 'csv', report)).toMatchObject({
      headers: { 'content-disposition': 'attachment; filename="contoso-x.csv"' },
      body: "deviceId,count\r\n'=1+1,2\r\n",
    });
  });
});

describe('csvOf', () => {
  test.each([
    ['=cmd()', "'=cmd()"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@a', "'@a"],
    ['\ta', "'\ta"],
    ['\ra', '"\'\ra"'],
    ['a,b', '"a,b"'],
    ['a"b', '"a""b"'],
    ['a=b', 'a=b'],
    [null, ''],
    [undefined, ''],
    [7, '7'],
  ])('writes %j as %s', (value, cell) => {
    expect(csvOf([{ value }], ['value'])).toBe(`value\r\n${cell}\r\n`);
  });

  test('never begins a cell as a formula, and loses no character', () => {
    const cells = fc.array(fc.record({ one: fc.oneof(fc.string(), legalId), other: fc.string() }));
    fc.assert(
      fc.property(cells, (lines) => {
        const rows = cellsOf(csvOf(lines, ['one', 'other']));
        expect(rows).toHaveLength(lines.length + 1);
        for (const [index, { one, other }] of lines.entries()) {
          const row = rows[index + 1] ?? [];
          for (const cell of row) expect(cell).not.toMatch(/^[=+\-@\t\r\n]/);
          expect(row.map((cell, at) => ([one, other][at] === cell ? cell : cell.slice(1)))).toEqual([one, other]);
        }
      }),
    );
  });
});

describe('the lines of failures', () => {
  const line = (deviceId: string, outcome = 'blocked', reason = 'disabled', moduleId = 'a') =>
    `${JSON.stringify({ deviceId, moduleId, outcome, reason })}\n`;
  const all = line('pump-1') + line('pump-2', 'failed', 'HTTP 500', 'b') + line('valve-1', 'failed', 'ECONNRESET');
  const idsOf = (filter: object) => [...failureLines(all, filter)].map(({ deviceId }) => deviceId);

  test('have advice that says what to do', () => {
    const advice = [...failureLines(all, {})].map((one) => one.advice);
    expect(advice).toEqual([
      expect.stringMatching(/Enable it/),
      expect.stringMatching(/tracking id/),
      expect.stringMatching(/connection/),
    ]);
  });

  test.each([
    [{}, ['pump-1', 'pump-2', 'valve-1']],
    [{ deviceId: 'pump-' }, ['pump-1', 'pump-2']],
    [{ outcome: 'failed' }, ['pump-2', 'valve-1']],
    [{ reason: 'HTTP 500' }, ['pump-2']],
    [{ moduleId: 'a', outcome: 'failed' }, ['valve-1']],
    [{ deviceId: 'Pump' }, []],
  ])('with the filter %j are those of the devices %j', (filter, ids) => {
    expect(idsOf(filter)).toEqual(ids);
  });

  test('leave out a damaged line, and no other', () => {
    const damaged = `{"deviceId":\nnull\n7\n{}\n${line('a')}{"deviceId":"b","moduleId":"m","outcome":"created"}\n`;
    expect([...failureLines(damaged, {})].map(({ deviceId }) => deviceId)).toEqual(['a']);
  });
});
