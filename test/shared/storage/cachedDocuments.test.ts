import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cachedDocuments } from '../../../shared/storage/cachedDocuments.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { MemoryDocuments } from '../../support/memoryStorage.ts';

/** Documents that note which of them were read. */
function notedDocuments(): { documents: MemoryDocuments; read: string[] } {
  const documents = new MemoryDocuments();
  const read: string[] = [];
  const original = documents.read.bind(documents);
  documents.read = (path: string) => {
    read.push(path);
    return original(path) as never;
  };
  return { documents, read };
}

describe('cached documents', () => {
  test('are read again only when they have changed', async () => {
    const { documents, read } = notedDocuments();
    const etag = await documents.write('hubs/a.json', { one: 1 }, undefined);
    await documents.write('hubs/b.json', { two: 2 }, undefined);
    const cached = cachedDocuments(documents, ['hubs/']);
    const look = async () => {
      const view = await cached.asOfNow();
      return Promise.all(['hubs/a.json', 'hubs/b.json'].map(async (path) => (await view.read(path))?.value));
    };
    expect(await look()).toEqual([{ one: 1 }, { two: 2 }]);
    expect(await look()).toEqual([{ one: 1 }, { two: 2 }]);
    expect(read).toEqual(['hubs/a.json', 'hubs/b.json']);
    await documents.write('hubs/a.json', { one: 11 }, etag);
    expect(await look()).toEqual([{ one: 11 }, { two: 2 }]);
    expect(read).toEqual(['hubs/a.json', 'hubs/b.json', 'hubs/a.json']);
  });

  test('are read each time outside the folders that are cached', async () => {
    const { documents, read } = notedDocuments();
    await documents.write('runs/a.json', {}, undefined);
    const cached = cachedDocuments(documents, ['hubs/']);
    for (let count = 0; count < 2; count++) await (await cached.asOfNow()).read('runs/a.json');
    expect(read).toEqual(['runs/a.json', 'runs/a.json']);
  });

  test('cannot be changed by their readers', async () => {
    const { documents } = notedDocuments();
    await documents.write('hubs/a.json', { counts: { devices: 1 } }, undefined);
    const view = await cachedDocuments(documents, ['hubs/']).asOfNow();
    const stored = await view.read<{ counts: { devices: number } }>('hubs/a.json');
    expect(() => {
      if (stored) stored.value.counts.devices = 2;
    }).toThrow(TypeError);
  });

  test('are those in storage, whatever was written, removed and read before', async () => {
    const paths = ['hubs/a.json', 'hubs/b.json', 'recent/a.json'];
    const step = fc.record({ path: fc.constantFrom(...paths), does: fc.constantFrom('write', 'remove', 'look') });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const clock = new FakeClock();
        const documents = new MemoryDocuments();
        const cached = cachedDocuments(documents, ['hubs/', 'recent/']);
        let serial = 0;
        const run = async () => {
          for (const { path, does } of steps) {
            if (does === 'remove') await documents.remove(path);
            if (does === 'write') await documents.write(path, { serial: ++serial }, await documents.readEtag(path));
            if (does !== 'look') continue;
            const view = await cached.asOfNow();
            for (const one of paths) expect((await view.read(one))?.value).toEqual((await documents.read(one))?.value);
          }
        };
        await clock.run(run());
      }),
    );
  });
});
