import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Documents, type PartedTexts, StaleDocumentError } from '../../../shared/storage/documents.ts';

/** The tests of every document store; `newStore` returns an empty store, in which even the container is missing. */
export function documentStoreContract(name: string, newStore: () => Documents & PartedTexts): void {
  describe(`${name}: documents`, () => {
    let store: Documents & PartedTexts;
    beforeEach(() => {
      store = newStore();
    });

    test('an empty store returns nothing, and a read creates nothing', async () => {
      expect(await store.read('hubs/contoso.json')).toBeUndefined();
      expect(await store.readEtag('hubs/contoso.json')).toBeUndefined();
      expect(await store.readText('runs/contoso/r.failures.ndjson')).toBeUndefined();
      expect(await store.list('')).toEqual([]);
      await store.remove('hubs/contoso.json');
      expect(await store.list('')).toEqual([]);
    });

    test('read returns the written value and the etag of the write', async () => {
      const value = { run: "a'b", text: 'Zürich 東京 \u0000"\\', list: [1, null, { deep: true }] };
      const etag = await store.write('hubs/contoso.json', value, undefined);
      expect(await store.read('hubs/contoso.json')).toEqual({ value, etag });
      expect(await store.readEtag('hubs/contoso.json')).toBe(etag);
      expect(await store.read('hubs/contos')).toBeUndefined();
    });

    test('write with the newest etag succeeds and returns a new etag', async () => {
      const etags = [await store.write('a', 0, undefined)];
      for (let n = 1; n <= 4; n++) etags.push(await store.write('a', n, etags.at(-1)));
      expect(new Set(etags).size).toBe(5);
      expect(await store.read('a')).toEqual({ value: 4, etag: etags.at(-1) });
    });

    test('write with an older etag throws and changes nothing', async () => {
      const first = await store.write('a', 1, undefined);
      const second = await store.write('a', 2, first);
      await expect(store.write('a', 3, first)).rejects.toThrow(StaleDocumentError);
      expect(await store.read('a')).toEqual({ value: 2, etag: second });
    });

    test('write without an etag throws if the document exists', async () => {
      const etag = await store.write('a', 1, undefined);
      await expect(store.write('a', 2, undefined)).rejects.toThrow(StaleDocumentError);
      expect(await store.read('a')).toEqual({ value: 1, etag });
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
      await store.writePart('runs/a/1.failures.ndjson', 1, 'x\n');
      expect(await store.list('runs/a/')).toEqual([
        'runs/a/1.failures.ndjson',
        'runs/a/1.json',
        'runs/a/10.json',
        'runs/a/2.json',
      ]);
      expect(await store.list('runs/c')).toEqual([]);
      await store.remove('runs/a/10.json');
      await store.remove('runs/a/1.failures.ndjson');
      expect(await store.list('runs/a/')).toEqual(['runs/a/1.json', 'runs/a/2.json']);
    });
  });

  describe(`${name}: texts in parts`, () => {
    const path = 'runs/contoso/r.failures.ndjson';

    test('readText returns the parts in order', async () => {
      const store = newStore();
      for (const [index, text] of ['first ü\n', 'second\n', 'third\n'].entries()) {
        await store.writePart(path, index + 1, text);
      }
      expect(await store.readText(path)).toBe('first ü\nsecond\nthird\n');
    });

    test('readText returns the last content of each part, up to the part written last, after any series of writes', async () => {
      const series = fc.array(fc.tuple(fc.nat(3), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })), {
        minLength: 1,
        maxLength: 12,
      });
      await fc.assert(
        fc.asyncProperty(series, async (writes) => {
          const store = newStore();
          const expected: string[] = [];
          for (const [back, text] of writes) {
            // Repeats one of the last parts, as after a crash, or writes the next part.
            const part = Math.max(1, expected.length + 1 - back);
            await store.writePart(path, part, text);
            expected.splice(part - 1, Number.POSITIVE_INFINITY, text);
          }
          expect(await store.readText(path)).toBe(expected.join(''));
        }),
        { numRuns: 15 },
      );
    });

    test('writePart starts a new text after remove', async () => {
      const store = newStore();
      await store.writePart(path, 1, 'old\n');
      await store.writePart(path, 2, 'older\n');
      await store.remove(path);
      expect(await store.readText(path)).toBeUndefined();
      await store.writePart(path, 1, 'new\n');
      expect(await store.readText(path)).toBe('new\n');
    });
  });
}
