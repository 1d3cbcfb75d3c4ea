import fc from 'fast-check';

/** Draws from `usual` nine times out of ten, so that most queries are complete. */
const mostly = (usual: fc.Arbitrary<string>, odd: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ arbitrary: usual, weight: 9 }, { arbitrary: odd, weight: 1 });

const shortText = fc.string({ maxLength: 6 });

const name = mostly(
  fc.constantFrom(
    ...['deviceId', 'DeviceId', 'moduleId', 'status', 'tags', 'properties', 'desired', 'version', '$metadata', 'a'],
    ...['capabilities', 'iotEdge', 'constructor', '__proto__', 'toString', 'x509Thumbprint', '[[odd name]]', 'n'],
  ),
  fc.oneof(
    shortText.map((text) => `[[${text}]]`),
    fc.constantFrom('SELECT', 'from', '1a', ''),
  ),
);

const member = mostly(
  name.map((part) => `.${part}`),
  shortText.map((part) => `['${part}']`),
);
const path = fc.tuple(name, fc.array(member, { maxLength: 2 })).map(([first, rest]) => first + rest.join(''));

const quoted = shortText.map((text) => `'${text.replace(/['\\]/g, (mark) => `\\${mark}`)}'`);

const literal = mostly(
  fc.oneof(
    quoted,
    fc.integer().map(String),
    fc.constantFrom(...['1', '0x1F', '-3', '1e400', '1.5e-3', 'true', 'null', 'undefined', '"a"', "'\\u0041'", "''"]),
  ),
  fc.oneof(
    shortText.map((text) => `"${text}`),
    fc.double().map(String),
    fc.constantFrom('0x', '9'.repeat(400), "'\\n'"),
  ),
);

const operators = mostly(
  fc.constantFrom('=', '!=', '<>', '<', '<=', '>=', '+', '-', '*', '/', '%', 'AND', 'OR', 'or'),
  fc.constantFrom('==', 'LIKE', 'BETWEEN', '||'),
);

const functions = mostly(
  fc.constantFrom('startswith', 'ENDSWITH', 'array_contains'),
  fc.constantFrom('CONTAINS', 'STARTS_WITH', 'abs'),
);

const expression = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    path,
    literal,
    fc.tuple(path, operators, literal).map((parts) => parts.join(' ')),
    fc.tuple(tie('any'), operators, tie('any')).map(([left, operator, right]) => `(${left}) ${operator} (${right})`),
    fc.tuple(tie('any'), operators, tie('any')).map((parts) => parts.join(' ')),
    tie('any').map((inner) => `NOT (${inner})`),
    fc
      .tuple(path, fc.constantFrom('IN', 'NIN', 'nin'), fc.array(literal, { maxLength: 4 }))
      .map(([left, operator, list]) => `${left} ${operator} [${list.join(', ')}]`),
    path.map((inner) => `IS_DEFINED(${inner})`),
    fc.tuple(functions, tie('any'), tie('any')).map(([call, left, right]) => `${call}((${left}), (${right}))`),
  ),
})).any;

const aggregates = mostly(
  fc.constantFrom('COUNT()', 'COUNT() AS n', 'AVG(version)', 'SUM(tags.size) AS s', 'MIN(status)'),
  fc.constantFrom('MAX()', 'COUNT(*)', 'COUNT'),
);

/** The part before FROM, and the matching GROUP BY. */
const selection = fc.oneof(
  fc.constant({ columns: '*', group: '' }),
  fc.array(path, { minLength: 1, maxLength: 3 }).map((list) => ({ columns: list.join(', '), group: '' })),
  fc.tuple(path, name).map(([from, alias]) => ({ columns: `${from} AS ${alias}`, group: '' })),
  aggregates.map((columns) => ({ columns, group: '' })),
  fc.tuple(path, aggregates).map(([key, columns]) => ({ columns: `${key}, ${columns}`, group: ` GROUP BY ${key}` })),
);

/** Nearly valid and valid queries, with every clause. */
const nearQuery = fc
  .record({
    top: mostly(fc.constantFrom('', '', 'TOP 2 ', 'TOP (3) '), fc.constantFrom('TOP 0 ', `TOP ${'9'.repeat(20)} `)),
    selection,
    from: mostly(fc.constantFrom('devices', 'devices.modules', 'DEVICES'), fc.constantFrom('devices.jobs', 'x', '')),
    where: fc.option(expression),
  })
  .map((parts) => {
    const { columns, group } = parts.selection;
    return `SELECT ${parts.top}${columns} FROM ${parts.from}${parts.where === null ? '' : ` WHERE ${parts.where}`}${group}`;
  });

const rubbish = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 5 }),
  fc.constantFrom('(', '[', "'", '\\', ' ', ',', '((((((', 'NOT '),
);

/** A query with a part removed or replaced. */
const brokenQuery = fc.tuple(nearQuery, fc.nat(), fc.nat(8), rubbish).map(([text, at, length, put]) => {
  const start = at % (text.length + 1);
  return text.slice(0, start) + put + text.slice(start + length);
});

/** Any text; nearly valid queries are drawn most often. */
export const anyQuery: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: nearQuery, weight: 5 },
  { arbitrary: brokenQuery, weight: 4 },
  { arbitrary: fc.string({ unit: 'binary' }), weight: 1 },
);
