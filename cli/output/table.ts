import { printable } from './printable.ts';

/** Rows of equal length under their heads. */
export interface Table {
  heads: readonly string[];
  rows: readonly (readonly Cell[])[];
}

/** `null`: not known, or there is none. `undefined`: the app is of an earlier version and did not return it. */
export type Cell = string | number | null | undefined;

/** The table in columns, for people; numbers are aligned to the right. Empty without rows. */
export function tableText({ heads, rows }: Table): string {
  if (rows.length === 0) return '';
  const cells = [heads, ...rows].map((row) => row.map(cellText));
  const widths = heads.map((_, column) => cells.reduce((most, row) => Math.max(most, (row[column] ?? '').length), 0));
  const isNumber = heads.map((_, column) => rows.every((row) => typeof row[column] !== 'string'));
  return cells
    .map((row) => {
      const padded = row.map((text, column) => {
        const width = widths[column] ?? 0;
        return isNumber[column] ? text.padStart(width) : text.padEnd(width);
      });
      return `${padded.join('  ').trimEnd()}\n`;
    })
    .join('');
}

function cellText(cell: Cell): string {
  if (cell === null || cell === undefined) return '-';
  return typeof cell === 'number' ? cell.toLocaleString('en') : printable(cell);
}

/**
 * The table as CSV (RFC 4180). A text that a spreadsheet would run as a formula gets an apostrophe before it
 * (https://owasp.org/www-community/attacks/CSV_Injection).
 */
export function csvText({ heads, rows }: Table): string {
  return [heads, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

function csvCell(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  const text = printable(cell);
  const harmless = /^[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
