import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { answerText } from '../../../cli/output/answer.ts';
import { printable, printableJson } from '../../../cli/output/printable.ts';
import { csvText, tableText } from '../../../cli/output/table.ts';

/** What a terminal might obey, and what reorders text; but line breaks of the output itself. */
const obeyed = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const odd = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('\x1b', '\x9b', '[31m', '\u202e', '\r', '\n', '\t', 'a', '"', ',', '=', '-', '@', '+'),
  }),
);

describe('output', () => {
  test('holds no character that a terminal obeys, whatever the server sends', () => {
    fc.assert(
      fc.property(odd, odd, (one, other) => {
        const table = { heads: ['hub', one], rows: [[one, other]] };
        const answer = { json: { [one]: [other] }, table, remarks: [one], exitCode: 0 } as const;
        for (const form of ['table', 'json', 'csv'] as const) {
          const text = answerText(answer, form);
          expect(text.replaceAll(form === 'csv' ? '\r\n' : '\n', '')).not.toMatch(obeyed);
        }
      }),
    );
  });

  test('as JSON has the values that the server sent', () => {
    fc.assert(
      fc.property(fc.jsonValue(), odd, (value, text) => {
        expect(JSON.parse(printableJson([value, text]))).toEqual(JSON.parse(JSON.stringify([value, text])));
      }),
    );
  });

  test('shows an escape sequence as text', () => {
    expect(printable('\x1b[31mred\x9b0m \u202etxt')).toBe('\\u{1b}[31mred\\u{9b}0m \\u{202e}txt');
  });

  test.each(['=cmd', '+1', '-1', '@SUM(A1)'])('as CSV defuses the cell %s', (cell) => {
    expect(csvText({ heads: ['id'], rows: [[cell]] })).toBe(`id\r\n'${cell}\r\n`);
  });

  test('as CSV has each value in one cell', () => {
    const rows = [['a,b', 'say "x"', null, 1234]];
    expect(csvText({ heads: ['1', '2', '3', '4'], rows })).toBe('1,2,3,4\r\n"a,b","say ""x""",,1234\r\n');
  });

  test('as a table has columns, numbers to the right', () => {
    const text = tableText({
      heads: ['hub', 'devices'],
      rows: [
        ['contoso', 12345],
        ['c', null],
      ],
    });
    expect(text).toBe('hub      devices\ncontoso   12,345\nc              -\n');
  });
});
