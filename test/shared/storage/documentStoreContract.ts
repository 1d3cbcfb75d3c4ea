import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type ChangingTexts,
  type Documents,
  type ListedEtags,
  type PartedTexts,
  partNumbers,
  partPath,
  StaleDocumentError,
  type StoredDocument,
} from '../../../shared/storage/documents.ts';

/** What was read, without the time at which it was. */
async function contentOf(reading: Promise<StoredDocument<unknown> | undefined>) {
  const { readAtMs: _time, ...content } = (await reading) ?? { readAtMs: 0 };
  return content;
}

/** The tests of every document store; `newStore` returns an empty store, in which even the container is missing. */
export function documentStoreContract(
  name: string,
  newStore: () => Documents & PartedTexts & ChangingTexts & ListedEtags,
): void {
  describe(`${name}: documents`, () => {
    let store: Documents & PartedTexts & ChangingTexts & ListedEtags;
    beforeEach(() => {
      store = newStore();
    });

    test('an empty store returns nothing, and a read creates nothing', async () => {
      expect(await store.read('hubs/contoso.json')).toBeUndefined();
      expect(await store.readEtag('hubs/contoso.json')).toBeUndefined();
      expect(await store.readText('runs/contoso/r.failures.ndjson')).toBeUndefined();
      expect(await store.readPart('runs/contoso/r.failures', 1)).toBeUndefined();
      expect(await store.list('')).toEqual([]);
      await store.remove('hubs/contoso.json');
      expect(await store.list('')).toEqual([]);
    });

    test('read returns the written value and the etag of the write', async () => {
      const value = { run: "a'b", text: 'Zürich 東京 \u0000"\\', list: [1, null, { deep: true }] };
      const etag = await store.write('hubs/contoso.json', value, undefined);
      expect(await contentOf(store.read('hubs/contoso.json'))).toEqual({ value, etag });
      expect(await store.readEtag('hubs/contoso.json')).toBe(etag);
      expect(await store.read('hubs/contos')).toBeUndefined();
    });

    test('readTextUnless returns a text of at most one byte too many, and not again while its etag is the same', async () => {
      expect(await store.readTextUnless('p', undefined, 10)).toBeUndefined();
      expect(await store.readTextUnless('p', '"1"', 10)).toBeUndefined();
      const etag = await store.write('p', 'x'.repeat(100_000), undefined);
      expect(await store.readTextUnless('p', undefined, 200_000)).toEqual({ text: `"${'x'.repeat(100_000)}"`, etag });
      expect(await store.readTextUnless('p', undefined, 10)).toEqual({ text: `"${'x'.repeat(10)}`, etag });
      expect(await store.readTextUnless('p', etag, 10)).toBe('unchanged');
      const next = await store.write('p', 'y', etag);
      expect(await store.readTextUnless('p', etag, 10)).toEqual({ text: '"y"', etag: next });
      await store.remove('p');
      expect(await store.readTextUnless('p', next, 10)).toBeUndefined();
    });

    test('listEtags returns the etags that reads and writes have', async () => {
      expect(await store.listEtags('hubs/')).toEqual(new Map());
      const first = await store.write('hubs/a.json', 1, undefined);
      const second = await store.write('hubs/b.json', 2, undefined);
      await store.write('runs/a.json', 3, undefined);
      const third = await store.write('hubs/b.json', 4, second);
      expect([...(await store.listEtags('hubs/'))]).toEqual([
        ['hubs/a.json', first],
        ['hubs/b.json', third],
      ]);
      expect((await store.read('hubs/b.json'))?.etag).toBe(third);
    });

    test('write with the newest etag succeeds and returns a new etag', async () => {
      const etags = [await store.write('a', 0, undefined)];
      for (let n = 1; n <= 4; n++) etags.push(await store.write('a', n, etags.at(-1)));
      expect(new Set(etags).size).toBe(5);
      expect(await contentOf(store.read('a'))).toEqual({ value: 4, etag: etags.at(-1) });
    });

    test('write with an older etag throws and changes nothing', async () => {
      const first = await store.write('a', 1, undefined);
      const second = await store.write('a', 2, first);
      await expect(store.write('a', 3, first)).rejects.toThrow(StaleDocumentError);
      expect(await contentOf(store.read('a'))).toEqual({ value: 2, etag: second });
    });

    test('write without an etag throws if the document exists', async () => {
      const etag = await store.write('a', 1, undefined);
      await expect(store.write('a', 2, undefined)).rejects.toThrow(StaleDocumentError);
      expect(await contentOf(store.read('a'))).toEqual({ value: 1, etag });
    });

    test('write of a removed document throws with its old etag, and succeeds without one', async () => {
      const etag = await store.write('a', 1, undefined);
      await store.remove('a');
      expect(await store.read('a')).toBeUndefined();
      await expect(store.write('a', 2, etag)).rejects.toThrow(StaleDocumentError);
      const other = await store.write('a', 3, undefined);
      expect(other).not.toBe(etag);
    });

    test('write with an etag throws if the document never existed', async () => {
      await expect(store.write('a', 1, '"0x8DC0FFEE"')).rejects.toThrow(StaleDocumentError);
      expect(await store.read('a')).toBeUndefined();
    });

    test('exactly one of several simultaneous writes with one etag succeeds', async () => {
      const etag = await store.write('a', 'old', undefined);
      const writes = await Promise.allSettled([1, 2, 3, 4].map((n) => store.write('a', n, etag)));
      const [won, ...others] = writes.toSorted((a, b) => a.status.localeCompare(b.status));
      expect(won?.status).toBe('fulfilled');
      for (const lost of others) expect(lost).toMatchObject({ reason: expect.any(StaleDocumentError) });
      expect((await store.read('a'))?.value).toBe(writes.findIndex(({ status }) => status === 'fulfilled') + 1);
    });

    test('list returns the paths with a prefix in ascending order', async () => {
      for (const path of ['runs/b/2.json', 'runs/a/2.json', 'runs/a/10.json', 'hubs/a.json', 'runs/a/1.json']) {
        await store.write(path, {}, undefined);
      }
      await store.writePart('runs/a/1.failures', 1, 'x\n');
      expect(await store.list('runs/a/')).toEqual([
        'runs/a/1.failures/00001.ndjson',
        'runs/a/1.json',
        'runs/a/10.json',
        'runs/a/2.json',
      ]);
      expect(await store.list('runs/c')).toEqual([]);
      await store.remove('runs/a/10.json');
      await store.remove('runs/a/1.failures/00001.ndjson');
      expect(await store.list('runs/a/')).toEqual(['runs/a/1.json', 'runs/a/2.json']);
    });
  });

  describe(`${name}: texts in parts`, () => {
    const path = 'runs/contoso/r.failures';

    test('readPart returns the last text of that part, after any series of writes', async () => {
      const series = fc.array(
        fc.tuple(fc.integer({ min: 1, max: 12 }), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })),
        { minLength: 1, maxLength: 12 },
      );
      await fc.assert(
        fc.asyncProperty(series, async (writes) => {
          const store = newStore();
          for (const [part, text] of writes) await store.writePart(path, part, text);
          for (const [part, text] of new Map(writes)) expect(await store.readPart(path, part)).toBe(text);
        }),
        { numRuns: 15 },
      );
    });

    test('addPart writes a part that is not there, and never replaces one', async () => {
      const store = newStore();
      expect(await store.addPart(path, 1, 'first')).toBe(true);
      expect(await store.addPart(path, 1, 'second')).toBe(false);
      expect(await store.readPart(path, 1)).toBe('first');
      await store.addPart(path, 12, 'twelfth');
      expect(await partNumbers(store, path)).toEqual([1, 12]);
      expect(await partNumbers(store, 'runs/contoso/nobody')).toEqual([]);
    });

    test('list returns the parts in the order of their numbers, and each can be removed and written again', async () => {
      const store = newStore();
      for (const part of [2, 10, 1]) await store.writePart(path, part, `part ${part}\n`);
      const paths = [1, 2, 10].map((part) => partPath(path, part));
      expect(await store.list(`${path}/`)).toEqual(paths);
      await store.remove(partPath(path, 2));
      expect(await store.readPart(path, 2)).toBeUndefined();
      expect(await store.readPart(path, 10)).toBe('part 10\n');
      await store.writePart(path, 2, 'again ü\n');
      expect(await store.readPart(path, 2)).toBe('again ü\n');
      expect(await store.readText(partPath(path, 2))).toBe('again ü\n');
    });
  });
}
