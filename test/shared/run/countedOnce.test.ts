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

test('a repair counts once, however often the response to its note is lost', async () => {
  const bench = new WorkerBench();
  const module = { deviceId: 'a', moduleId: 'm' };
  await noteRepairs(losingResponses(bench.documents, 5), 'contoso', [module], bench.clock.now());
  expect(await readFlappingModules(bench.documents, 'contoso', bench.clock.now())).toEqual([]);
});
