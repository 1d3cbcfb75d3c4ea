import { describe, expect, test } from '@jest/globals';
import { failuresPath, readFailures } from '../../../shared/run/failures.ts';
import { OpenRun, RunEndedError } from '../../../shared/run/openRun.ts';
import { newRun, type Run, runPath } from '../../../shared/run/run.ts';
import { readStoredRun } from '../../../shared/run/runDocument.ts';
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
    const text = await readFailures(documents, record.run);
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).deviceId),
    ).toEqual(['a', 'b']);
    expect(record.run.checkpoint.failureBytes).toBe(Buffer.byteLength(text));
  });

  test('failures fill parts of some 64 KB, also after another worker took over', async () => {
    const { record, documents, clock } = await open();
    let holder = record;
    const added: string[] = [];
    for (let save = 0; save < 60; save++) {
      for (let line = 0; line < 40; line++) {
        added.push(`device-${save}-${line}`);
        holder.addFailure(failure(`device-${save}-${line}`));
      }
      await holder.save();
      if (save % 7 !== 0) continue;
      const next = await OpenRun.open(
        { documents, clock, random: Math.random, throwIfLeaseLost: () => {} },
        hub,
        runId,
      );
      if (next) holder = next;
    }
    const parts = await documents.list(failuresPath(hub, runId));
    expect(parts).toHaveLength(holder.run.checkpoint.failureParts);
    expect(parts.length).toBeLessThan(6);
    const text = await readFailures(documents, holder.run);
    const ids = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).deviceId);
    expect(ids).toEqual(added);
    expect(holder.run.checkpoint.failureBytes).toBe(Buffer.byteLength(text));
  });

  test('failures that a crashed worker wrote without a checkpoint are not read, and are replaced', async () => {
    const { record, documents, clock } = await open();
    record.addFailure(failure('counted'));
    await record.save();
    const write = documents.write.bind(documents);
    documents.write = async () => {
      throw new Error('killed');
    };
    record.addFailure(failure('lost'));
    await expect(record.save()).rejects.toThrow('killed');
    documents.write = write;
    const next = await OpenRun.open({ documents, clock, random: Math.random, throwIfLeaseLost: () => {} }, hub, runId);
    if (!next) throw new Error('no record');
    expect(await readFailures(documents, next.run)).toBe(`${JSON.stringify(failure('counted'))}\n`);
    next.addFailure(failure('later'));
    await next.save();
    const text = await readFailures(documents, next.run);
    expect(text).toContain('"counted"');
    expect(text).toContain('"later"');
    expect(text).not.toContain('"lost"');
  });

  test('a part that somebody removed does not stop the run', async () => {
    const { record, documents, clock } = await open();
    record.addFailure(failure('removed'));
    await record.save();
    for (const path of await documents.list(failuresPath(hub, runId))) await documents.remove(path);
    const next = await OpenRun.open({ documents, clock, random: Math.random, throwIfLeaseLost: () => {} }, hub, runId);
    if (!next) throw new Error('no record');
    expect(await readFailures(documents, next.run)).toBe('');
    next.addFailure(failure('later'));
    await next.save();
    expect(await readFailures(documents, next.run)).toBe(`${JSON.stringify(failure('later'))}\n`);
  });

  test('the failures of a run of version 1 are read from their one file, up to what the run counted', async () => {
    const { documents, record } = await open();
    const counted = `${JSON.stringify(failure('ü'))}\n`;
    documents.putText(`runs/${hub}/${runId}.failures.ndjson`, `${counted}{"not":"counted"}\n`);
    const { lastPartBytes: _later, ...old } = record.run.checkpoint;
    const stored = { ...record.run, checkpoint: { ...old, failureParts: 3, failureBytes: Buffer.byteLength(counted) } };
    expect(await readFailures(documents, readStoredRun(stored, hub, runId))).toBe(counted);
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
    expect(await readFailures(documents, record.run)).toContain('"a"');
  });

  test('nothing is written once it is closed', async () => {
    const { record, documents } = await open();
    const etag = await documents.readEtag(runPath(hub, runId));
    record.close();
    await expect(record.save()).rejects.toThrow(LeaseLostError);
    expect(await documents.readEtag(runPath(hub, runId))).toBe(etag);
  });
});
