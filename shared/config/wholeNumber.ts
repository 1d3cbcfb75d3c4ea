import type { Report } from './report.ts';

export interface WholeNumberRule {
  min: number;
  max: number;
  fallback: number;
}

/** A whole number within bounds, `fallback` when not written; undefined when something was reported. */
export function readWholeNumber(
  setting: string,
  written: string | undefined,
  { min, max, fallback }: WholeNumberRule,
  report: Report,
): number | undefined {
  if (written === undefined) return fallback;
  const value = /^\d{1,9}$/.test(written) ? Number(written) : Number.NaN;
  if (value >= min && value <= max) return value;
  report(setting, `write a whole number from ${min} to ${max}`);
  return undefined;
}
