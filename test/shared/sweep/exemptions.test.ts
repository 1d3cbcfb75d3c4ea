import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { exemptionOf } from '../../../shared/policy/exemption.ts';
import { verifyDevice } from '../../../shared/reconcile/verifyDevice.ts';
import { readReport } from '../../../shared/run/report.ts';
import { agent, spec } from '../../support/policy.ts';
import { propertyRuns } from '../../support/propertyRuns.ts';
import { WorkerBench } from '../../support/workerBench.ts';

const dayMs = 24 * 3600 * 1000;

/** A hub whose devices have these values in the tag `exempt`, and a policy that reads it. The clock is at 2026-11-23 02:00. */
function benchWith(values: Record<string, unknown>): WorkerBench {
  const bench = new WorkerBench();
  bench.policy = [spec({ select: { edge: false, exemptTag: 'exempt' } })];
  for (const [deviceId, exempt] of Object.entries(values)) {
    bench.hub.addDevice(deviceId, { tags: exempt === undefined ? {} : { exempt } });
  }
  return bench;
}

async function linesOf(bench: WorkerBench, runId: string): Promise<Record<string, unknown>[]> {
  const text = await readReport(bench.documents, await bench.run(runId), 'exemptions');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

async function sweep(bench: WorkerBench, dryRun = false): Promise<string> {
  const { runId } = await bench.start(dryRun);
  await bench.slices();
  return runId;
}

const some = {
  none: undefined,
  'not-any-more': false,
  'for-ever': true,
  'with-reason': 'in the lab',
  long: { until: '2027-01-31', reason: 'recall' },
  soon: { until: '2026-11-30' },
  over: { until: '2026-11-22', reason: 'moved' },
  odd: { until: 'next week' },
};

describe('a run of a policy with an exempt tag', () => {
  test('lists every exemption with its state, counts them, and creates where they have ended', async () => {
    const bench = benchWith(some);
    const runId = await sweep(bench);
    const run = await bench.run(runId);
    expect(run).toMatchObject({
      status: 'done',
      exemptions: { active: 1, endsSoon: 1, ended: 1, withoutEnd: 2, unreadable: 1 },
      counts: { devices: 8, selected: 3, created: 3, excluded: { exempt: 5 } },
    });
    expect(await linesOf(bench, runId)).toEqual([
      { deviceId: 'for-ever', moduleId: agent, state: 'withoutEnd' },
      { deviceId: 'with-reason', moduleId: agent, state: 'withoutEnd', reason: 'in the lab' },
      { deviceId: 'long', moduleId: agent, state: 'active', until: '2027-01-31', reason: 'recall' },
      { deviceId: 'soon', moduleId: agent, state: 'endsSoon', until: '2026-11-30' },
      { deviceId: 'over', moduleId: agent, state: 'ended', until: '2026-11-22', reason: 'moved' },
      { deviceId: 'odd', moduleId: agent, state: 'unreadable', until: 'next week' },
    ]);
    expect([...bench.hub.modules.keys()].length).toBe(3);
    for (const id of ['none', 'not-any-more', 'over']) expect(bench.hub.moduleOf(id, agent)).toBeDefined();
  });

  test('lets a device count again in the first run after the end, and not before', async () => {
    const bench = benchWith({ soon: { until: '2026-11-30' } });
    await bench.clock.advance(7 * dayMs); // 30 November, 02:00
    await sweep(bench);
    expect(bench.hub.moduleOf('soon', agent)).toBeUndefined();
    await bench.clock.advance(22 * 3600 * 1000);
    const runId = await sweep(bench);
    expect(bench.hub.moduleOf('soon', agent)).toBeDefined();
    expect(await linesOf(bench, runId)).toMatchObject([{ deviceId: 'soon', state: 'ended' }]);
  });

  test('lists them in a dry run too, and only those that no other condition leaves out', async () => {
    const bench = benchWith({ a: true });
    bench.hub.addDevice('edge', { edge: true, tags: { exempt: true } });
    const runId = await sweep(bench, true);
    expect(await linesOf(bench, runId)).toMatchObject([{ deviceId: 'a' }]);
    expect((await bench.run(runId)).exemptions).toMatchObject({ withoutEnd: 1 });
  });

  test('begins the list anew with the listing, when the policy changes', async () => {
    const bench = benchWith(
      Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`device-${index}`, index < 150])),
    );
    bench.sliceMs = 60_000;
    const { runId } = await bench.start();
    await bench.slice();
    expect((await bench.run(runId)).exemptions?.withoutEnd).toBeGreaterThan(0);
    bench.policy = [spec({ select: { edge: false, exemptTag: 'exempt', deviceIds: ['device-1*'] } })];
    await bench.slices();
    const lines = await linesOf(bench, runId);
    const ids = lines.map(({ deviceId }) => String(deviceId));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id) => id.startsWith('device-1'))).toBe(true);
    expect((await bench.run(runId)).exemptions?.withoutEnd).toBe(ids.length);
    expect(ids.length).toBe(
      Array.from({ length: 150 }, (_, index) => `device-${index}`).filter((id) => id.startsWith('device-1')).length,
    );
  });

  test('a run of an earlier version has null exemptions for the listing that it began, and counts them in the next listing', async () => {
    const bench = benchWith(
      Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`device-${index}`, index < 150])),
    );
    bench.sliceMs = 60_000;
    const { runId } = await bench.start();
    const path = `runs/contoso/${runId}.json`;
    const forget = async () => {
      const stored = await bench.documents.read<Record<string, unknown>>(path);
      const { exemptions: _later, ...old } = stored?.value ?? {};
      await bench.documents.write(path, old, stored?.etag);
      expect((await bench.run(runId)).exemptions).toBeNull();
    };
    await forget();
    await bench.slice();
    expect((await bench.run(runId)).exemptions?.withoutEnd).toBeGreaterThan(0);
    await forget();
    await bench.slices();
    expect(await bench.run(runId)).toMatchObject({ status: 'done', exemptions: null, counts: { devices: 300 } });
  });
});

test('a sweep, a pending device and a call for one device decide alike, whatever the tag says', async () => {
  const anyTag = fc.oneof(
    fc.jsonValue(),
    fc.record({
      until: fc.oneof(fc.constantFrom('2026-11-22', '2026-11-23', '2027-01-01', '2026-11-23T02:00:00Z'), fc.string()),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(anyTag, { minLength: 1, maxLength: 12 }), async (tags) => {
      const bench = benchWith(Object.fromEntries(tags.map((tag, index) => [`d${index}`, tag])));
      const pending = benchWith(Object.fromEntries(tags.map((tag, index) => [`d${index}`, tag])));
      for (const deviceId of pending.hub.devices.keys())
        await pending.pending.add('contoso', { deviceId, tries: 0 }, 0);
      const nowMs = bench.clock.now();
      const selected = tags.map((tag) => ['ended', undefined].includes(exemptionOf(tag, nowMs)?.state));
      for (const [index, isSelected] of selected.entries()) {
        const [state] = await verifyDevice(bench.hub.registry(), bench.policy, `d${index}`, nowMs);
        expect(state?.state).toBe(isSelected ? 'missing' : 'excluded');
      }
      await sweep(bench);
      await pending.slices();
      for (const one of [bench, pending])
        expect(tags.map((_tag, index) => one.hub.moduleOf(`d${index}`, agent) !== undefined)).toEqual(selected);
    }),
    propertyRuns(30),
  );
});
