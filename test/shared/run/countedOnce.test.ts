import { expect, test } from '@jest/globals';
import { beginSlice, stalledRunId } from '../../../shared/run/brokenSlices.ts';
import { readHubDocument } from '../../../shared/run/hubDocument.ts';
import { noteRepairs, readFlappingModules } from '../../../shared/run/repairs.ts';
import { type Documents, StaleDocumentError } from '../../../shared/storage/documents.ts';
import { WorkerBench } from '../../support/workerBench.ts';

/** Documents whose first `lost` writes lose their responses, so that they conflict with themselves when they are repeated. */
function losingResponses(documents: Documents, lost: number): Documents {
  let left = lost;
  return {
    read: (path) => documents.read(path),
    readEtag: (path) => documents.readEtag(path),
    list: (prefix) => documents.list(prefix),
    remove: (path) => documents.remove(path),
    write: async (path, value, etag) => {
      const written = await documents.write(path, value, etag);
      left -= 1;
      if (left >= 0) throw new StaleDocumentError(path);
      return written;
    },
  };
}

test('a slice counts once as begun, however often the response to its note is lost', async () => {
  const bench = new WorkerBench();
  const { runId } = await bench.start();
  const deps = { documents: losingResponses(bench.documents, 3), clock: bench.clock };
  expect(await beginSlice(deps, 'contoso')).toBe(false);
  const document = await readHubDocument(bench.documents, 'contoso');
  expect(document.brokenSlices).toMatchObject({ runId, begun: 1 });
  expect(await stalledRunId(bench.documents, 'contoso', document)).toBeUndefined();
});

test('a device that was given up is named once, however often the response to the last write is lost', async () => {
  const bench = new WorkerBench();
  bench.hub.addDevice('a');
  bench.hub.onCall = () => {
    throw bench.hub.error('deviceNotFound', { status: 404 });
  };
  await bench.pending.add('contoso', { deviceId: 'a', tries: 4 }, 0);
  const { write } = bench.documents;
  let lost = 0;
  bench.documents.write = async (path, value, etag) => {
    const written = await write.call(bench.documents, path, value, etag);
    if ((value as { givenUp?: unknown }).givenUp !== undefined && lost++ < 2) throw new StaleDocumentError(path);
    return written;
  };
  await bench.slices();
  expect(lost).toBe(3);
  expect((await readHubDocument(bench.documents, 'contoso')).givenUp).toHaveLength(1);
});

test('a repair counts once, however often the response to its note is lost', async () => {
  const bench = new WorkerBench();
  const module = { deviceId: 'a', moduleId: 'm' };
  await noteRepairs(losingResponses(bench.documents, 5), 'contoso', [module], bench.clock.now());
  expect(await readFlappingModules(bench.documents, 'contoso', bench.clock.now())).toEqual([]);
});
