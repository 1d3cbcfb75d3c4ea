import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { deviceQuery, maxQueryLength, moduleQueries, readableColumns } from '../../../shared/hub/twinQueries.ts';
import { legalId } from './legalId.ts';

/** Parses the two lists of ids of a query, character by character, as a hub does. */
function readQuery(text: string): { moduleIds: string[]; deviceIds: string[] } {
  const head = 'SELECT deviceId, moduleId FROM devices.modules WHERE moduleId ';
  expect(text.startsWith(head)).toBe(true);
  const modules = text.startsWith(`${head}= `)
    ? readLiteral(text, head.length + '= '.length)
    : readList(text, head.length + 'IN '.length);
  const moduleIds = [modules.value].flat();
  const join = ' AND deviceId IN ';
  expect(text.slice(modules.end, modules.end + join.length)).toBe(join);
  const devices = readList(text, modules.end + join.length);
  expect(devices.end).toBe(text.length);
  return { moduleIds, deviceIds: devices.value };
}

function readList(text: string, start: number): { value: string[]; end: number } {
  expect(text[start]).toBe('[');
  const value: string[] = [];
  for (let at = start + 1; ; ) {
    const literal = readLiteral(text, at);
    value.push(literal.value);
    const next = text[literal.end];
    if (next === ']') return { value, end: literal.end + 1 };
    expect(next).toBe(',');
    at = literal.end + 1;
  }
}

/** A double-quoted literal; it may not contain a backslash, which would escape. */
function readLiteral(text: string, start: number): { value: string; end: number } {
  expect(text[start]).toBe('"');
  const end = text.indexOf('"', start + 1);
  const value = text.slice(start + 1, end);
  expect(value).not.toContain('\\');
  return { value, end: end + 1 };
}

const deviceIds = fc.array(legalId, { maxLength: 400, size: 'max' });
const moduleIds = fc.uniqueArray(legalId, { minLength: 1, maxLength: 6 });

describe('module queries', () => {
  test('cover exactly the given ids, each once per module, in at most 8,192 characters', () => {
    fc.assert(
      fc.property(deviceIds, moduleIds, (devices, modules) => {
        const queries = moduleQueries(devices, modules);
        for (const text of queries) expect(text.length).toBeLessThanOrEqual(maxQueryLength);
        const read = queries.map(readQuery);
        expect(read.flatMap((query) => query.deviceIds)).toEqual(devices);
        for (const query of read) expect(query.moduleIds).toEqual(modules);
      }),
      { numRuns: 60 },
    );
  });

  test('there are as few module queries as possible: none has room for the first id of the next query', () => {
    fc.assert(
      fc.property(deviceIds, moduleIds, (devices, modules) => {
        const queries = moduleQueries(devices, modules);
        queries.slice(1).forEach((text, index) => {
          const first = readQuery(text).deviceIds[0] ?? '';
          expect((queries[index] ?? '').length + `,"${first}"`.length).toBeGreaterThan(maxQueryLength);
        });
      }),
      { numRuns: 60 },
    );
  });

  test('one module query is enough for 200 ids of 36 characters and one module', () => {
    const guids = Array.from({ length: 200 }, (_, index) => `${index}`.padStart(36, 'f'));
    expect(moduleQueries(guids, ['DefenderIotMicroAgent'])).toHaveLength(1);
  });

  test('there is no module query without devices, and none without modules', () => {
    expect(moduleQueries([], ['m'])).toEqual([]);
    expect(moduleQueries(['d'], [])).toEqual([]);
  });

  test('stay short enough for more modules than one query can name', () => {
    const modules = Array.from({ length: 150 }, (_, index) => `module-${index}`.padEnd(128, 'x'));
    const devices = Array.from({ length: 90 }, (_, index) => `device-${index}`.padEnd(128, 'y'));
    const queries = moduleQueries(devices, modules);
    for (const text of queries) expect(text.length).toBeLessThanOrEqual(maxQueryLength);
    const pairs = queries
      .map(readQuery)
      .flatMap((query) => query.deviceIds.flatMap((id) => query.moduleIds.map((m) => `${id} ${m}`)));
    expect(new Set(pairs).size).toBe(pairs.length);
    expect(pairs).toHaveLength(150 * 90);
  });
});

describe('the device query', () => {
  test('reads tags only if they are needed', () => {
    expect(deviceQuery(false)).toBe('SELECT deviceId, status, authenticationType, capabilities FROM devices');
    expect(deviceQuery(true)).toBe('SELECT deviceId, status, authenticationType, capabilities, tags FROM devices');
  });
});

describe('columns of a query', () => {
  test.each(['group', 'Order', 'value', 'IN', 'odd-key?'])('the key %s is read with its whole section', (key) => {
    expect(readableColumns({ tags: [key], desired: ['level'] })).toEqual({ tags: 'all', desired: ['level'] });
    expect(readableColumns({ tags: ['site'], desired: ['level', key] })).toEqual({ tags: ['site'], desired: 'all' });
  });

  test.each(['groups', 'ADUGroup', 'in_order'])('the key %s is a column of its own', (key) => {
    expect(readableColumns({ tags: [key], desired: [] })).toEqual({ tags: [key], desired: [] });
  });
});
