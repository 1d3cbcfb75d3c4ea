import type { Projection } from './ast.ts';
import { compilePath, type Fields } from './compileExpression.ts';

export type ResultRow = { [name: string]: unknown };

/**
 * The name of a column in the results: the alias in its own spelling (azure-iot-explorer relies on `deviceId AS DeviceId`),
 * else the last name of the path; a top-level name in the service's spelling.
 */
export function columnName<Row>({ alias, path }: Projection, fields: Fields<Row>): string {
  if (alias !== undefined) return alias;
  const last = path?.at(-1) ?? '';
  return path?.length === 1 ? fields.canonical(last) : last;
}

/** Compiles a SELECT list to a function of a row. Columns without a value are omitted. */
export function compileProjection<Row>(
  projections: readonly Projection[],
  fields: Fields<Row>,
): (row: Row) => ResultRow {
  const columns = projections.flatMap((projection) =>
    projection.kind === 'field'
      ? [{ name: columnName(projection, fields), value: compilePath(projection.path, fields) }]
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
