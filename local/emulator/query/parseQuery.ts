import type { AggregateFunction, Collection, Path, Projection, Query } from './ast.ts';
import { QuerySyntaxError } from './ast.ts';
import { parseExpression } from './parseExpression.ts';
import { parsePath, withoutCollection } from './parsePath.ts';
import { TokenReader } from './tokenReader.ts';

const aggregates: readonly AggregateFunction[] = ['COUNT', 'AVG', 'SUM', 'MIN', 'MAX'];

/**
 * Parses a query over devices or devices.modules. Throws `QuerySyntaxError` for anything that the language does not
 * have.
 */
export function parseQuery(text: string): Query {
  const reader = new TokenReader(text);
  reader.expectKeyword('SELECT');
  const top = reader.takeKeyword('TOP') ? parseTop(reader) : undefined;
  const projections = reader.takeSymbol('*') ? undefined : parseProjections(reader);
  reader.expectKeyword('FROM');
  const from = parseCollection(reader);
  const where = reader.takeKeyword('WHERE') ? parseExpression(reader, from) : undefined;
  const groupBy = parseGroupBy(reader, from);
  if (reader.current.kind !== 'end') throw reader.unexpected('the end of the query');
  const query = {
    projections: projections?.map((projection) => relative(projection, from)),
    from,
    where,
    groupBy,
    top,
  };
  checkGrouping(query);
  return query;
}

function parseTop(reader: TokenReader): number {
  const bracketed = reader.takeSymbol('(');
  const token = reader.advance();
  if (token.kind !== 'number' || !Number.isSafeInteger(token.value) || token.value < 1) {
    throw new QuerySyntaxError('TOP needs a positive whole number');
  }
  if (bracketed) reader.expectSymbol(')');
  return token.value;
}

function parseProjections(reader: TokenReader): Projection[] {
  const projections: Projection[] = [];
  do projections.push(parseProjection(reader));
  while (reader.takeSymbol(','));
  return projections;
}

function parseProjection(reader: TokenReader): Projection {
  const aggregate = reader.isSymbol('(', 1) ? aggregates.find((name) => reader.isKeyword(name)) : undefined;
  if (aggregate) return parseAggregate(reader, aggregate);
  const path = parsePath(reader);
  const alias = reader.takeKeyword('AS') ? reader.expectName() : undefined;
  return { kind: 'field', path, alias };
}

function parseAggregate(reader: TokenReader, name: AggregateFunction): Projection {
  reader.advance();
  reader.expectSymbol('(');
  // COUNT has no argument in Microsoft's examples. COUNT(*) is refused, since no source shows it.
  const path = name === 'COUNT' ? undefined : parsePath(reader);
  reader.expectSymbol(')');
  const alias = reader.takeKeyword('AS') ? reader.expectName() : name.toLowerCase();
  return { kind: 'aggregate', name, path, alias };
}

function parseCollection(reader: TokenReader): Collection {
  const path = parsePath(reader).join('.').toLowerCase();
  if (path === 'devices' || path === 'devices.modules') return path;
  throw new QuerySyntaxError('FROM takes devices or devices.modules (devices.jobs is not emulated)');
}

function parseGroupBy(reader: TokenReader, from: Collection): Path | undefined {
  if (!reader.takeKeyword('GROUP')) return undefined;
  reader.expectKeyword('BY');
  return withoutCollection(parsePath(reader), from);
}

function relative(projection: Projection, from: Collection): Projection {
  return projection.path ? { ...projection, path: withoutCollection(projection.path, from) } : projection;
}

function checkGrouping(query: Query): void {
  const { projections, groupBy } = query;
  const hasAggregate = projections?.some((projection) => projection.kind === 'aggregate') ?? false;
  if (!groupBy && !hasAggregate) return;
  if (!projections) throw new QuerySyntaxError('GROUP BY cannot go with SELECT *');
  const key = groupBy?.join('.').toLowerCase();
  for (const projection of projections) {
    if (projection.kind === 'field' && projection.path.join('.').toLowerCase() !== key) {
      throw new QuerySyntaxError(`${projection.path.join('.')} is neither aggregated nor in GROUP BY`);
    }
  }
}
