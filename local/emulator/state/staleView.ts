import type { DeviceRow, ModuleRow } from './identityRow.ts';

type Row = DeviceRow | ModuleRow;

/** Call before a row changes: queries return the current version until the index is updated, `delayMs` from now. */
export function keepStaleView(row: Row, nowMs: number, delayMs: number): void {
  if (delayMs === 0 || (row.stale && row.stale.untilMs > nowMs)) return;
  row.stale = undefined;
  const view = Object.assign(Object.create(Object.getPrototypeOf(row)), row);
  row.stale = { untilMs: nowMs + delayMs, view };
}

/** The version of the row that queries return now. */
export function indexedView(row: Row, nowMs: number): Row {
  if (row.stale && row.stale.untilMs <= nowMs) row.stale = undefined;
  return row.stale?.view ?? row;
}
