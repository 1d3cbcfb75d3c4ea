import fc from 'fast-check';

/** Values that faulty code confuses with others. */
const oddValue = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    0,
    -1,
    1e308,
    '',
    '*',
    '__proto__',
    'constructor',
    [],
    {},
    [[]],
    'x'.repeat(5000),
  ),
  fc.jsonValue({ maxDepth: 3 }),
  fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
);

const oddName = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    '$metadata',
    'a.b',
    '',
    ' ',
    'deviceId',
    'moduleId',
    'tags',
    'properties',
    'desired',
  ),
  fc.string({ maxLength: 6 }),
);

const change = fc.record({
  steps: fc.array(fc.nat(20), { maxLength: 4 }),
  kind: fc.constantFrom('replace', 'remove', 'add'),
  name: oddName,
  value: oddValue,
});

/** The valid bodies, the same with one to three changes, any JSON, and bytes that are not JSON. */
export const mutated = (good: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { arbitrary: good, weight: 2 },
    {
      arbitrary: fc
        .tuple(good, fc.array(change, { minLength: 1, maxLength: 3 }))
        .map(([body, changes]) =>
          changes.reduce<unknown>(
            (changed, { steps, kind, name, value }) => changedAt(changed, steps, { kind, name, value }),
            body,
          ),
        ),
      weight: 6,
    },
    { arbitrary: oddValue, weight: 1 },
    { arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)), weight: 1 },
  );

interface Change {
  kind: string;
  name: string;
  value: unknown;
}

/** Follows `steps`, each choosing a member, and changes the value there, in a copy of `value`. */
function changedAt(value: unknown, steps: readonly number[], change: Change): unknown {
  const [step, ...rest] = steps;
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  if (step === undefined || entries.length === 0) {
    if (change.kind !== 'add' || entries.length === 0) return change.value;
    return rebuilt(value, [...entries, [change.name, change.value]]);
  }
  const at = step % entries.length;
  if (rest.length === 0 && change.kind === 'remove') return rebuilt(value, entries.toSpliced(at, 1));
  return rebuilt(
    value,
    entries.map(([name, member], index) => [name, index === at ? changedAt(member, rest, change) : member]),
  );
}

/** `fromEntries` makes a member even of `__proto__`. */
const rebuilt = (like: unknown, entries: [string, unknown][]): unknown =>
  Array.isArray(like) ? entries.map(([, member]) => member) : Object.fromEntries(entries);
