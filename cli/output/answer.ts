import type { ExitCode } from '../exitCodes.ts';
import { printable, printableJson } from './printable.ts';
import { csvText, type Table, tableText } from './table.ts';

/** What a command found, in every form in which it can be printed. */
export interface Answer {
  /** For `--output json`. */
  json: unknown;
  /** For `--output csv`, and for people. */
  table: Table;
  /** For people, where `table` would say the same again and again. */
  shortTable?: Table;
  /** For people, below the table: each a line. */
  remarks?: readonly string[];
  exitCode: ExitCode;
}

/** The forms of `--output`. */
export const outputForms = ['table', 'json', 'csv'] as const;
export type OutputForm = (typeof outputForms)[number];

/** The text to print. */
export function answerText({ json, table, shortTable = table, remarks = [] }: Answer, form: OutputForm): string {
  if (form === 'json') return `${printableJson(json)}\n`;
  if (form === 'csv') return csvText(table);
  const shown = tableText(shortTable);
  const below = remarks.map((line) => `${printable(line)}\n`).join('');
  return shown !== '' && below !== '' ? `${shown}\n${below}` : shown + below;
}
