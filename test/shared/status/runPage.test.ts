import { describe, expect, test } from '@jest/globals';
import { readRunPage } from '../../../shared/status/runPage.ts';
import { MemoryLog } from '../../support/memoryLog.ts';
import { StatusBench } from './statusBench.ts';

/** A hub with two ended runs, the older one first. */
async function benchWithRuns() {
  const bench = new StatusBench();
  bench.hub.addDevice('a');
  const first = await bench.start();
  await bench.slices();
  await bench.clock.run(bench.clock.sleep(60_000));
  const second = await bench.start();
  await bench.slices();
  return { bench, runIds: [first.runId, second.runId] as const };
}

const log = new MemoryLog();
const pageOf = (bench: StatusBench, limit = 50, after?: string) =>
  bench.clock.run(readRunPage({ ...bench.statusDeps, log, documents: bench.documents }, ['contoso'], { limit, after }));

describe('a page of runs', () => {
  test('has the newest runs first, and the key of the last one if there are more', async () => {
    const { bench, runIds } = await benchWithRuns();
    const [first, second] = runIds;
    const page = await pageOf(bench, 1);
    expect(page.runs.map(({ runId }) => runId)).toEqual([second]);
    expect(page.continuation).toBe(`${second}/contoso`);
    const next = await pageOf(bench, 1, page.continuation);
    expect(next.runs.map(({ runId }) => runId)).toEqual([first]);
    expect(next).not.toHaveProperty('continuation');
    expect(next).not.toHaveProperty('unknown');
  });

  test('names a damaged run in place of it, and has the others', async () => {
    const { bench, runIds } = await benchWithRuns();
    const [first, second] = runIds;
    const path = `runs/contoso/${second}.json`;
    await bench.documents.putRaw(path, '{"status":"secret');
    const page = await pageOf(bench);
    expect(page.runs.map(({ runId }) => runId)).toEqual([first]);
    expect(page.unknown).toEqual([{ runId: second, what: path, why: expect.stringContaining('backup') }]);
    expect(JSON.stringify([page, log.lines])).not.toContain('secret');
  });

  test('has a queued run whose hub document is damaged, and names that document once', async () => {
    const { bench } = await benchWithRuns();
    const real = await bench.start();
    const dry = await bench.start(true);
    await bench.documents.putRaw('hubs/contoso.json', '{');
    const page = await pageOf(bench);
    expect(page.runs.map(({ runId }) => runId)).toEqual(expect.arrayContaining([real.runId, dry.runId]));
    expect(page.unknown?.map(({ what }) => what)).toEqual(['hubs/contoso.json']);
  });
});
