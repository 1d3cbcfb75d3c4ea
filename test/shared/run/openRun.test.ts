import { describe, expect, test } from '@jest/globals';
import { OpenRun, RunEndedError } from '../../../shared/run/openRun.ts';
import { failuresPath, newRun, type Run, runPath } from '../../../shared/run/run.ts';
import { StaleDocumentError } from '../../../shared/storage/documents.ts';
import { LeaseLostError } from '../../../shared/storage/leases.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { MemoryDocuments } from '../../support/memoryStorage.ts';

const hub = 'contoso';
const runId = '20261123T020000Z-4f2a';
const failure = (deviceId: string) => ({ deviceId, moduleId: 'm', outcome: 'failed' as const, reason: 'HTTP 500' });

async function open(documents = new MemoryDocuments(), clock = new FakeClock()) {
  await documents.write(runPath(hub, runId), newRun(hub, { runId, dryRun: false, requestedAt: '' }), undefined);
  let draws = 0;
  const random = () => (draws++ % 89) / 89;
  const record = await OpenRun.open({ documents, clock, random, throwIfLeaseLost: () => {} }, hub, runId);
  if (!record) throw new Error('no record');
  return { record, documents, clock };
}

describe("a run in its worker's hands", () => {
  test('checks and checkpoints at the same time never take each other for a stranger', async () => {
    const { record, clock } = await open();
    for (let round = 0; round < 50; round++) {
      await clock.advance(1_000);
      await Promise.all([record.throwIfEnded(), record.save(), record.throwIfEnded(), record.save()]);
    }
  });

  test('a checkpoint whose answer was lost is recognised as its own', async () => {
    const { record, documents } = await open();
    const write = documents.write.bind(documents);
    let lost = false;
    documents.write = async (path, value, etag) => {
      const written = await write(path, value, etag);
      if (lost) return written;
      lost = true;
      throw new StaleDocumentError(path);
    };
    record.run.counts.created = 5;
    await record.save();
    record.run.counts.created = 6;
    await record.save();
    expect((await documents.read<Run>(runPath(hub, runId)))?.value.counts.created).toBe(6);
  });

  test('a checkpoint of another worker means that the lease is lost', async () => {
    const { record, documents } = await open();
    const stored = await documents.read<Run>(runPath(hub, runId));
    await documents.write(runPath(hub, runId), { ...stored?.value, writeId: 'other' }, stored?.etag);
    await expect(record.throwIfEnded()).rejects.toThrow(LeaseLostError);
    await expect(record.save()).rejects.toThrow(LeaseLostError);
  });

  test('a cancellation is told as such', async () => {
    const { record, documents } = await open();
    const stored = await documents.read<Run>(runPath(hub, runId));
    await documents.write(runPath(hub, runId), { ...stored?.value, status: 'cancelled' }, stored?.etag);
    await expect(record.throwIfEnded()).rejects.toThrow(RunEndedError);
  });

  test('failures that are noted while others are written go with the next checkpoint', async () => {
    const { record, documents } = await open();
    record.addFailure(failure('a'));
    const saved = record.save();
    await Promise.resolve();
    record.addFailure(failure('b'));
    await saved;
    await record.save();
    const text = (await documents.readText(failuresPath(hub, runId))) ?? '';
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).deviceId),
    ).toEqual(['a', 'b']);
    expect(record.run.checkpoint.failureBytes).toBe(Buffer.byteLength(text));
  });

  test('failures that could not be written are kept', async () => {
    const { record, documents } = await open();
    const writePart = documents.writePart.bind(documents);
    documents.writePart = async () => {
      throw new Error('ECONNRESET');
    };
    record.addFailure(failure('a'));
    await expect(record.save()).rejects.toThrow('ECONNRESET');
    documents.writePart = writePart;
    await record.save();
    expect(await documents.readText(failuresPath(hub, runId))).toContain('"a"');
  });

  test('nothing is written once it is closed', async () => {
    const { record, documents } = await open();
    const etag = await documents.readEtag(runPath(hub, runId));
    record.close();
    await expect(record.save()).rejects.toThrow(LeaseLostError);
    expect(await documents.readEtag(runPath(hub, runId))).toBe(etag);
  });
});
