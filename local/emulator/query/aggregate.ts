import type { Projection, Query } from './ast.ts';
import { compilePath, type Evaluator, type Fields } from './compileExpression.ts';
import { columnName, type ResultRow } from './compileProjection.ts';

export const isAggregate = (query: Query): boolean =>
  query.groupBy !== undefined || (query.projections?.some((projection) => projection.kind === 'aggregate') ?? false);

interface Group {
  key: unknown;
  totals: { count: number; sum: number; min: number; max: number }[];
  rows: number;
}

/** One result row for each group. Without GROUP BY all rows form one group, even if there are no rows. */
export function aggregate<Row>(query: Query, rows: Iterable<Row>, fields: Fields<Row>): ResultRow[] {
  const projections = query.projections ?? [];
  const keyOf: Evaluator<Row> = query.groupBy ? compilePath(query.groupBy, fields) : () => null;
  const values = projections.map((projection) =>
    projection.kind === 'aggregate' && projection.path ? compilePath(projection.path, fields) : undefined,
  );
  const groups = new Map<string, Group>();
  const groupOf = (key: unknown): Group => {
    const name = JSON.stringify(key) ?? 'undefined';
    const group = groups.get(name) ?? {
      key,
      rows: 0,
      totals: values.map(() => ({ count: 0, sum: 0, min: Infinity, max: -Infinity })),
    };
    groups.set(name, group);
    return group;
  };
  if (!query.groupBy) groupOf(null);
  for (const row of rows) {
    const group = groupOf(keyOf(row));
    group.rows += 1;
    values.forEach((value, column) => {
      const cell = value?.(row);
      const total = group.totals[column];
      if (typeof cell !== 'number' || !total) return;
      total.count += 1;
      total.sum += cell;
      total.min = Math.min(total.min, cell);
      total.max = Math.max(total.max, cell);
    });
  }
  return [...groups.values()].map((group) => groupRow(projections, group, fields));
}

function groupRow<Row>(projections: readonly Projection[], group: Group, fields: Fields<Row>): ResultRow {
  const result: ResultRow = Object.create(null);
  projections.forEach((projection, column) => {
    const cell = projection.kind === 'field' ? group.key : aggregated(projection.name, group, column);
    if (cell !== undefined) result[columnName(projection, fields)] = cell;
  });
  return result;
}

function aggregated(name: string, group: Group, column: number): number | undefined {
  if (name === 'COUNT') return group.rows;
  const total = group.totals[column];
  if (!total || total.count === 0) return undefined;
  if (name === 'SUM') return total.sum;
  if (name === 'AVG') return total.sum / total.count;
  return name === 'MIN' ? total.min : total.max;
}
