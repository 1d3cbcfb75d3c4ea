import type { DeviceRow, ModuleRow } from './identityRow.ts';

type Row = DeviceRow | ModuleRow;

/** Called before a row changes: queries go on seeing it as it is until the index has caught up, `delayMs` from now. */
export function keepStaleView(row: Row, nowMs: number, delayMs: number): void {
  if (delayMs === 0 || (row.stale && row.stale.untilMs > nowMs)) return;
  row.stale = undefined;
  const view = Object.assign(Object.create(Object.getPrototypeOf(row)), row);
  row.stale = { untilMs: nowMs + delayMs, view };
}

/** The row as queries see it now. */
export function indexedView(row: Row, nowMs: number): Row {
  if (row.stale && row.stale.untilMs <= nowMs) row.stale = undefined;
  return row.stale?.view ?? row;
}
