import type { DeviceRow, ModuleRow } from '../state/identityRow.ts';
import type { IdentityStore } from '../state/identityStore.ts';
import { canonicalFieldName, twinField, twinJson } from '../state/twinJson.ts';
import { aggregate, isAggregate } from './aggregate.ts';
import type { Query } from './ast.ts';
import { compileExpression, type Fields } from './compileExpression.ts';
import { compileProjection, type ResultRow } from './compileProjection.ts';
import { type Cursor, type IndexedRow, indexedRows } from './indexedRows.ts';

/** One page of results. */
export interface QueryPage {
  rows: ResultRow[];
  itemType: 'Twin' | 'Raw';
  /** Start of the next page; undefined on the last one. */
  next: Cursor | undefined;
}

type Row = DeviceRow | ModuleRow;

/** Returns the page of at most `maxRows` rows that begins at `cursor`. In Basic tiers twins have no `properties`. */
export function runQuery(store: IdentityStore, query: Query, cursor: Cursor, maxRows: number): QueryPage {
  const isBasic = store.rules.tier.startsWith('B');
  const fields: Fields<Row> = {
    canonical: canonicalFieldName,
    read: (row, name) => (isBasic && name === 'properties' ? undefined : twinField(row, name)),
  };
  const where = query.where && compileExpression(query.where, fields);
  const isWanted = ({ row }: IndexedRow) => !where || where(row) === true;
  if (isAggregate(query)) {
    const groups = aggregate(query, wantedRows(store, query, isWanted), fields);
    return { ...pageOf(groups, cursor.position, maxRows), itemType: 'Raw' };
  }
  const project = query.projections
    ? compileProjection(query.projections, fields)
    : (row: Row): ResultRow => twinJson(row, isBasic ? ['properties'] : []);
  const page: QueryPage = { rows: [], itemType: query.projections ? 'Raw' : 'Twin', next: undefined };
  for (const indexed of indexedRows(store, query, cursor)) {
    if (!isWanted(indexed)) continue;
    if (page.rows.length === maxRows) {
      page.next = indexed.cursor;
      break;
    }
    page.rows.push(project(indexed.row));
  }
  return page;
}

function* wantedRows(store: IdentityStore, query: Query, isWanted: (row: IndexedRow) => boolean): Generator<Row> {
  for (const indexed of indexedRows(store, query, { position: 0, within: 0 })) {
    if (isWanted(indexed)) yield indexed.row;
  }
}

function pageOf(groups: ResultRow[], start: number, maxRows: number): { rows: ResultRow[]; next: Cursor | undefined } {
  const end = start + maxRows;
  return { rows: groups.slice(start, end), next: end < groups.length ? { position: end, within: 0 } : undefined };
}
