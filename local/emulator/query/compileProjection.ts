import type { Projection } from './ast.ts';
import { compilePath, type Fields } from './compileExpression.ts';

export type ResultRow = { [name: string]: unknown };

/** Compiles a SELECT list to a function of a row. Columns without a value are omitted. */
export function compileProjection<Row>(
  projections: readonly Projection[],
  fields: Fields<Row>,
): (row: Row) => ResultRow {
  const columns = projections.flatMap((projection) =>
    projection.kind === 'field'
      ? [{ name: fields.canonical(projection.alias), value: compilePath(projection.path, fields) }]
      : [],
  );
  return (row) => {
    const result: ResultRow = Object.create(null);
    for (const { name, value } of columns) {
      const cell = value(row);
      if (cell !== undefined) result[name] = cell;
    }
    return result;
  };
}
