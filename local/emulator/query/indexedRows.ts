import type { DeviceRow, ModuleRow } from '../state/identityRow.ts';
import type { IdentityStore } from '../state/identityStore.ts';
import { indexedView } from '../state/staleView.ts';
import type { Query } from './ast.ts';
import { deviceIdsNamed } from './candidateDeviceIds.ts';

/** Where a query stopped: the position of a device, and how many of its modules were passed. */
export interface Cursor {
  position: number;
  within: number;
}

type Row = DeviceRow | ModuleRow;

export interface IndexedRow {
  row: Row;
  cursor: Cursor;
}

/** The rows of a collection as the index of a real hub shows them: late by `queryDelayMs`, deleted ones lingering. */
export function* indexedRows(store: IdentityStore, query: Query, from: Cursor): Generator<IndexedRow> {
  const nowMs = store.time.nowMs();
  store.table.expireGhosts(nowMs);
  for (const { device, position } of devicesFrom(store, query, from.position)) {
    const start = position === from.position ? from.within : 0;
    if (query.from === 'devices') {
      const row = shown(device, store, nowMs);
      if (row) yield { row, cursor: { position, within: 0 } };
      continue;
    }
    const modules = device.ghostModules.length === 0 ? device.modules : [...device.modules, ...device.ghostModules];
    for (let within = start; within < modules.length; within += 1) {
      const module = modules[within];
      const row = module && shown(module, store, nowMs);
      if (row) yield { row, cursor: { position, within } };
    }
  }
}

function* devicesFrom(
  store: IdentityStore,
  query: Query,
  start: number,
): Generator<{ device: DeviceRow; position: number }> {
  const { table } = store;
  const ids = deviceIdsNamed(query.where);
  const end = ids ? ids.length : table.endPosition;
  for (let position = start; position < end; position += 1) {
    const id = ids?.[position];
    const device = ids ? id !== undefined && (table.get(id) ?? table.ghost(id)) : table.at(position);
    if (device) yield { device, position };
  }
}

/** A row as the index shows it; undefined before it has heard of a creation, and after it has of a deletion. */
function shown(row: Row, store: IdentityStore, nowMs: number): Row | undefined {
  const isOver = row.ghostUntilMs !== undefined && row.ghostUntilMs <= nowMs;
  const isKnown = store.time.hasPassed(row.createdMicros, store.rules.queryDelayMs);
  return isKnown && !isOver ? indexedView(row, nowMs) : undefined;
}
