import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { QuerySyntaxError } from '../../../../local/emulator/query/ast.ts';
import { candidateDeviceIds } from '../../../../local/emulator/query/candidateDeviceIds.ts';
import { compileExpression, type Fields } from '../../../../local/emulator/query/compileExpression.ts';
import { parseQuery } from '../../../../local/emulator/query/parseQuery.ts';

type Row = { [name: string]: unknown };

const fields: Fields<Row> = {
  canonical: (name) => name,
  read: (row, name) => (Object.hasOwn(row, name) ? row[name] : undefined),
};

/** Whether the row passes `WHERE condition`. */
function selects(condition: string, row: Row): boolean {
  const { where } = parseQuery(`SELECT * FROM devices WHERE ${condition}`);
  if (!where) throw new Error('The condition was lost');
  return compileExpression(where, fields)(row) === true;
}

const quoted = (text: string, quote: string): string =>
  `${quote}${text.replace(/[\\'"]/g, (mark) => `\\${mark}`)}${quote}`;

describe('A condition of the query language', () => {
  const row: Row = {
    deviceId: "a'b",
    version: 3,
    none: null,
    tags: { site: 'cork', 'odd name': 1, list: [1], deep: { flag: true } },
  };

  test.each([
    ["deviceId = 'a\\'b'"],
    ['deviceId = "a\'b"'],
    ["deviceId = 'a\\u0027b'"],
    ["tags.site != 'brno'"],
    ["tags.site <> 'brno'"],
    ['version >= 3 AND version <= 3 AND version > 2 AND version < 4'],
    ['version = 0x3'],
    ['version + 1 = 2 * 2'],
    ['version % 2 = 1 and 1 + 2 * 3 = 7'],
    ['-3 < version'],
    ["tags.site IN ['brno', 'cork']"],
    ["tags.site NIN ['brno']"],
    ["tags['odd name'] = 1"],
    ['tags.[[odd name]] = 1'],
    ['tags.deep.flag = true'],
    ['tags.deep.flag'],
    ['is_defined(tags.site) AND NOT IS_DEFINED(tags.color)'],
    ['IS_DEFINED(none)'],
    ['none = null'],
    ['tags.site != null'],
    ["STARTSWITH(deviceId, 'a') AND ENDSWITH(deviceId, 'b')"],
    ["devices.tags.site = 'cork'"],
    ["tags.site = 'brno' OR tags.site = 'cork' AND version = 3"],
    ["NOT (tags.site = 'brno' OR version = 4)"],
  ])('the condition is true: %s', (condition) => {
    expect(selects(condition, row)).toBe(true);
  });

  test.each([
    ["tags.color = 'red'"],
    ["tags.color != 'red'"],
    ["NOT (tags.color = 'red')"],
    ["tags.color NIN ['red']"],
    ["deviceId = 'A\\'B'"],
    ["version = '3'"],
    ["version < '4'"],
    ['none < 1'],
    ['tags.list = 1'],
    ['tags.deep = tags.deep'],
    ['version / 0 = version / 0'],
    ['version = undefined'],
    ['tags.constructor != null'],
    ["(tags.site = 'cork' OR version = 3) AND version = 4"],
  ])('the condition is not true: %s', (condition) => {
    expect(selects(condition, row)).toBe(false);
  });

  test('a condition matches any string in single or double quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom("'", '"'), (text, quote) => {
        expect(selects(`deviceId = ${quoted(text, quote)}`, { deviceId: text })).toBe(true);
        expect(selects(`deviceId IN [${quoted(text, quote)}]`, { deviceId: text })).toBe(true);
        expect(selects(`deviceId = ${quoted(text, quote)}`, { deviceId: `${text}x` })).toBe(false);
      }),
    );
  });
});

describe('The parser', () => {
  test.each([
    [''],
    ['SELECT'],
    ['SELECT * FROM'],
    ['SELECT * FROM devices ORDER BY deviceId'],
    ['SELECT * FROM devices JOIN devices.modules'],
    ['SELECT * FROM devices.jobs'],
    ['SELECT * FROM devices, devices.modules'],
    ["SELECT * FROM devices WHERE STARTS_WITH(deviceId, 'a')"],
    ["SELECT * FROM devices WHERE ENDS_WITH(deviceId, 'a')"],
    ["SELECT * FROM devices WHERE CONTAINS(deviceId, 'a')"],
    ["SELECT * FROM devices WHERE deviceId LIKE 'a%'"],
    ["SELECT * FROM devices WHERE deviceId = 'open"],
    ["SELECT * FROM devices WHERE deviceId = 'bad \\n escape'"],
    ["SELECT * FROM devices WHERE deviceId IN ('a')"],
    ['SELECT * FROM devices WHERE deviceId IN []'],
    ['SELECT * FROM devices WHERE deviceId IN [tags.a]'],
    ['SELECT * FROM devices WHERE deviceId == 1'],
    ['SELECT * FROM devices WHERE'],
    ['SELECT *, deviceId FROM devices'],
    ['SELECT COUNT(*) AS n FROM devices'],
    ['SELECT * FROM devices GROUP BY status'],
    ['SELECT deviceId, COUNT() AS n FROM devices GROUP BY status'],
    ['SELECT * FROM devices; DROP'],
    ['SELECT TOP 0 * FROM devices'],
  ])('the parser refuses %s', (text) => {
    expect(() => parseQuery(text)).toThrow(QuerySyntaxError);
  });

  test('the parser refuses deep nesting and accepts long queries', () => {
    expect(() => parseQuery(`SELECT * FROM devices WHERE ${'('.repeat(4000)}1${')'.repeat(4000)}`)).toThrow(
      QuerySyntaxError,
    );
    expect(() => parseQuery(`SELECT * FROM devices WHERE ${'NOT '.repeat(2000)}true`)).toThrow(QuerySyntaxError);
    expect(() => parseQuery(`SELECT * FROM devices WHERE ${'STARTSWITH('.repeat(700)}`)).toThrow(QuerySyntaxError);
    expect(selects(`1${'+1'.repeat(4000)} = 4001`, {})).toBe(true);
    expect(selects(`true${' AND true'.repeat(900)}`, {})).toBe(true);
  });

  test('the parser returns a query or throws QuerySyntaxError for any text', () => {
    const piece = fc.constantFrom(
      ...['SELECT', '*', 'FROM', 'devices', '.modules', 'WHERE', 'deviceId', '=', "'a'", '"', 'IN', '[', ']', '(', ')'],
      ...['AND', 'NOT', '1', '0x', '.', ',', 'COUNT', 'AS', 'GROUP', 'BY', 'TOP', '\\', '[[', '💥', '-', '1e', 'null'],
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join(' ')),
    );
    fc.assert(
      fc.property(text, (query) => {
        try {
          expect(['devices', 'devices.modules']).toContain(parseQuery(query).from);
        } catch (error) {
          expect(error).toBeInstanceOf(QuerySyntaxError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('The device ids that a condition names', () => {
  const idsIn = (condition: string) => candidateDeviceIds(parseQuery(`SELECT * FROM devices WHERE ${condition}`).where);

  test('candidateDeviceIds returns the ids if only they can match', () => {
    expect(idsIn("deviceId = 'a'")).toEqual(['a']);
    expect(idsIn("'a' = DeviceId AND status = 'enabled'")).toEqual(['a']);
    expect(idsIn("moduleId = 'm' AND deviceId IN ['a', 'b', 'a', 1]")).toEqual(['a', 'b']);
  });

  test('candidateDeviceIds returns undefined if other devices can match', () => {
    expect(idsIn("deviceId = 'a' OR status = 'enabled'")).toBeUndefined();
    expect(idsIn("NOT deviceId = 'a'")).toBeUndefined();
    expect(idsIn("deviceId NIN ['a']")).toBeUndefined();
    expect(idsIn("deviceId != 'a'")).toBeUndefined();
    expect(idsIn("tags.deviceId = 'a'")).toBeUndefined();
  });
});
