import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { acceptedType } from './acceptedType.ts';
import { noStore } from './answer.ts';

/** The value of one member of a line. */
type Cell = string | number | boolean | null | undefined;

/** A report with a line for each device and module, such as the failures of a run. */
export interface LineReport<Line extends object> {
  lines: Iterable<Line>;
  /** The columns of the CSV, each the name of a member. */
  columns: readonly (keyof Line & string)[];
  /** The name of the file that a browser saves, without extension. */
  fileName: string;
}

const types = { ndjson: 'application/x-ndjson', csv: 'text/csv' } as const;

/** Responds with the lines as NDJSON or CSV: by `format` if it is given, else by the header `Accept`. Throws `Problem` 406. */
export function reportResponse<Line extends object>(
  request: HttpRequest,
  format: 'ndjson' | 'csv' | undefined,
  { lines, columns, fileName }: LineReport<Line>,
): HttpResponseInit {
  const type = format === undefined ? acceptedType(request, [types.ndjson, types.csv]) : types[format];
  const headers = { ...noStore, vary: 'accept' };
  if (type === types.ndjson) {
    return { headers: { ...headers, 'content-type': type }, body: ndjsonOf(lines) };
  }
  const disposition = `attachment; filename="${fileName}.csv"`;
  return {
    headers: {
      ...headers,
      'content-type': `${type}; charset=utf-8; header=present`,
      'content-disposition': disposition,
    },
    body: csvOf(lines, columns),
  };
}

function ndjsonOf(lines: Iterable<object>): string {
  const texts: string[] = [];
  for (const line of lines) texts.push(`${JSON.stringify(line)}\n`);
  return texts.join('');
}

/** Returns CSV (RFC 4180) with a header line. */
export function csvOf<Line extends object>(lines: Iterable<Line>, columns: readonly (keyof Line & string)[]): string {
  const rows = [columns.join(',')];
  for (const line of lines) rows.push(columns.map((column) => cellOf(line[column] as Cell)).join(','));
  return `${rows.join('\r\n')}\r\n`;
}

/**
 * A spreadsheet reads a cell that begins with one of these characters as a formula, and a device id may begin with one. An
 * apostrophe before the cell makes it a text (OWASP, "CSV Injection").
 */
const formulaStart = /^[=+\-@\t\r\n]/;

function cellOf(value: Cell): string {
  const text = value === null || value === undefined ? '' : String(value);
  const safe = formulaStart.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
