import type { DeviceRow, ModuleRow } from '../state/identityRow.ts';
import type { IdentityStore } from '../state/identityStore.ts';
import { indexedView } from '../state/staleView.ts';
import type { Query } from './ast.ts';
import { candidateDeviceIds } from './candidateDeviceIds.ts';

/** A place in the results: the position of a device, and how many of its modules come before. */
export interface Cursor {
  position: number;
  within: number;
}

type Row = DeviceRow | ModuleRow;

/** A row with its place in the results. */
export interface IndexedRow {
  row: Row;
  cursor: Cursor;
}

/**
 * The rows of a collection as the index of a real hub contains them: `queryDelayMs` behind the current state, with
 * ghosts of deleted identities.
 */
export function* indexedRows(store: IdentityStore, query: Query, from: Cursor): Generator<IndexedRow> {
  const nowMs = store.time.nowMs();
  store.table.expireGhosts(nowMs);
  for (const { device, position } of devicesFrom(store, query, from.position)) {
    const start = position === from.position ? from.within : 0;
    if (query.from === 'devices') {
      const row = indexed(device, store, nowMs);
      if (row) yield { row, cursor: { position, within: 0 } };
      continue;
    }
    const modules = device.ghostModules.length === 0 ? device.modules : [...device.modules, ...device.ghostModules];
    for (let within = start; within < modules.length; within += 1) {
      const module = modules[within];
      const row = module && indexed(module, store, nowMs);
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
  const ids = candidateDeviceIds(query.where);
  const end = ids ? ids.length : table.endPosition;
  for (let position = start; position < end; position += 1) {
    const id = ids?.[position];
    const device = ids ? id !== undefined && (table.get(id) ?? table.ghost(id)) : table.at(position);
    if (device) yield { device, position };
  }
}

/** The indexed version of a row; undefined before its creation is indexed and after its deletion is. */
function indexed(row: Row, store: IdentityStore, nowMs: number): Row | undefined {
  const isExpired = row.ghostUntilMs !== undefined && row.ghostUntilMs <= nowMs;
  const isIndexed = store.time.hasPassed(row.createdMicros, store.rules.queryDelayMs);
  return isIndexed && !isExpired ? indexedView(row, nowMs) : undefined;
}
