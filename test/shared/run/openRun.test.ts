import { describe, expect, test } from '@jest/globals';
import { OpenRun, RunEndedError } from '../../../shared/run/openRun.ts';
import { readReport, reportPath } from '../../../shared/run/report.ts';
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
  const openRun = await OpenRun.open({ documents, clock, random, throwIfLeaseLost: () => {} }, hub, runId);
  if (!openRun) throw new Error('no run');
  return { openRun, documents, clock };
}

describe('an open run', () => {
  test('never mistakes its own write for that of another writer, when checks and checkpoints overlap', async () => {
    const { openRun, clock } = await open();
    for (let round = 0; round < 50; round++) {
      await clock.advance(1_000);
      await Promise.all([openRun.throwIfEnded(), openRun.save(), openRun.throwIfEnded(), openRun.save()]);
    }
  });

  test('recognizes its own checkpoint if the response was lost', async () => {
    const { openRun, documents } = await open();
    const write = documents.write.bind(documents);
    let lost = false;
    documents.write = async (path, value, etag) => {
      const written = await write(path, value, etag);
      if (lost) return written;
      lost = true;
      throw new StaleDocumentError(path);
    };
    openRun.run.counts.created = 5;
    await openRun.save();
    openRun.run.counts.created = 6;
    await openRun.save();
    expect((await documents.read<Run>(runPath(hub, runId)))?.value.counts.created).toBe(6);
  });

  test('throws LeaseLostError after a checkpoint of another worker', async () => {
    const { openRun, documents } = await open();
    const stored = await documents.read<Run>(runPath(hub, runId));
    await documents.write(runPath(hub, runId), { ...stored?.value, writeId: 'other' }, stored?.etag);
    await expect(openRun.throwIfEnded()).rejects.toThrow(LeaseLostError);
    await expect(openRun.save()).rejects.toThrow(LeaseLostError);
  });

  test('throws RunEndedError after a cancellation', async () => {
    const { openRun, documents } = await open();
    const stored = await documents.read<Run>(runPath(hub, runId));
    await documents.write(runPath(hub, runId), { ...stored?.value, status: 'cancelled' }, stored?.etag);
    await expect(openRun.throwIfEnded()).rejects.toThrow(RunEndedError);
  });

  test('writes failures that were added during a write with the next checkpoint', async () => {
    const { openRun, documents } = await open();
    openRun.addFailure(failure('a'));
    const saved = openRun.save();
    await Promise.resolve();
    openRun.addFailure(failure('b'));
    await saved;
    await openRun.save();
    const text = await readReport(documents, openRun.run, 'failures');
    expect(
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).deviceId),
    ).toEqual(['a', 'b']);
    expect(openRun.run.checkpoint.reports.failures.bytes).toBe(Buffer.byteLength(text));
  });

  test('fills parts of some 64 KB, also after another worker took over', async () => {
    const { openRun, documents, clock } = await open();
    let holder = openRun;
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
    const parts = await documents.list(reportPath({ hub, runId }, 'failures'));
    expect(parts).toHaveLength(holder.run.checkpoint.reports.failures.parts);
    expect(parts.length).toBeLessThan(6);
    const text = await readReport(documents, holder.run, 'failures');
    const ids = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).deviceId);
    expect(ids).toEqual(added);
    expect(holder.run.checkpoint.reports.failures.bytes).toBe(Buffer.byteLength(text));
  });

  test('replaces failures that a crashed worker wrote without a checkpoint', async () => {
    const { openRun, documents, clock } = await open();
    openRun.addFailure(failure('counted'));
    await openRun.save();
    const write = documents.write.bind(documents);
    documents.write = async () => {
      throw new Error('killed');
    };
    openRun.addFailure(failure('lost'));
    await expect(openRun.save()).rejects.toThrow('killed');
    documents.write = write;
    const next = await OpenRun.open({ documents, clock, random: Math.random, throwIfLeaseLost: () => {} }, hub, runId);
    if (!next) throw new Error('no run');
    expect(await readReport(documents, next.run, 'failures')).toBe(`${JSON.stringify(failure('counted'))}\n`);
    next.addFailure(failure('later'));
    await next.save();
    const text = await readReport(documents, next.run, 'failures');
    expect(text).toContain('"counted"');
    expect(text).toContain('"later"');
    expect(text).not.toContain('"lost"');
  });

  test('goes on after a part of its report was removed', async () => {
    const { openRun, documents, clock } = await open();
    openRun.addFailure(failure('removed'));
    await openRun.save();
    for (const path of await documents.list(reportPath({ hub, runId }, 'failures'))) await documents.remove(path);
    const next = await OpenRun.open({ documents, clock, random: Math.random, throwIfLeaseLost: () => {} }, hub, runId);
    if (!next) throw new Error('no run');
    expect(await readReport(documents, next.run, 'failures')).toBe('');
    next.addFailure(failure('later'));
    await next.save();
    expect(await readReport(documents, next.run, 'failures')).toBe(`${JSON.stringify(failure('later'))}\n`);
  });

  test('the failures of a run of version 1 are read from their one file, up to what the run counted', async () => {
    const { documents, openRun } = await open();
    const counted = `${JSON.stringify(failure('ü'))}\n`;
    documents.putText(`runs/${hub}/${runId}.failures.ndjson`, `${counted}{"not":"counted"}\n`);
    const { reports: _later, ...old } = openRun.run.checkpoint;
    const stored = {
      ...openRun.run,
      checkpoint: { ...old, failureParts: 3, failureBytes: Buffer.byteLength(counted) },
    };
    expect(await readReport(documents, readStoredRun(stored, hub, runId), 'failures')).toBe(counted);
  });

  test('keeps the size of a report although the checkpoint is replaced, or begins anew, during the write', async () => {
    for (const anew of [false, true]) {
      const { openRun, documents } = await open();
      const writePart = documents.writePart.bind(documents);
      documents.writePart = async (path, part, text) => {
        await writePart(path, part, text);
        // As a page does that is added meanwhile.
        openRun.run.checkpoint = { ...openRun.run.checkpoint, restarts: 1 };
        if (anew) openRun.forgetReports();
      };
      openRun.addFailure(failure('a'));
      openRun.report('exemptions', { deviceId: 'b', moduleId: 'm', state: 'active', until: '2027-01-31' });
      await openRun.save();
      documents.writePart = writePart;
      openRun.addFailure(failure('c'));
      await openRun.save();
      const next = await OpenRun.open(
        { documents, clock: new FakeClock(), random: Math.random, throwIfLeaseLost: () => {} },
        hub,
        runId,
      );
      if (!next) throw new Error('no run');
      const idsOf = async (kind: 'failures' | 'exemptions') =>
        [...(await readReport(documents, next.run, kind)).matchAll(/"deviceId":"(\w)"/g)].map(([, id]) => id);
      expect(await idsOf('failures')).toEqual(anew ? ['c'] : ['a', 'c']);
      expect(await idsOf('exemptions')).toEqual(anew ? [] : ['b']);
    }
  });

  test('keeps failures that could not be written', async () => {
    const { openRun, documents } = await open();
    const writePart = documents.writePart.bind(documents);
    documents.writePart = async () => {
      throw new Error('ECONNRESET');
    };
    openRun.addFailure(failure('a'));
    await expect(openRun.save()).rejects.toThrow('ECONNRESET');
    documents.writePart = writePart;
    await openRun.save();
    expect(await readReport(documents, openRun.run, 'failures')).toContain('"a"');
  });

  test('writes nothing after it is closed', async () => {
    const { openRun, documents } = await open();
    const etag = await documents.readEtag(runPath(hub, runId));
    openRun.close();
    await expect(openRun.save()).rejects.toThrow(LeaseLostError);
    expect(await documents.readEtag(runPath(hub, runId))).toBe(etag);
  });
});
