import { describe, expect, test } from '@jest/globals';
import type { ModuleSpec } from '../../../shared/policy/moduleSpec.ts';
import { removedParts, writeRemoved } from '../../../shared/run/removedModules.ts';
import type { Starter } from '../../../shared/run/run.ts';
import { startUndo } from '../../../shared/run/runStore.ts';
import { driveRun } from '../../support/driveRun.ts';
import { spec } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';

const old = 'azureiotsecurity';
const dayMs = 24 * 3600 * 1000;

function absent(changes: Partial<ModuleSpec> = {}): ModuleSpec {
  return spec({
    moduleId: old,
    ensure: 'absent',
    stop: { maxFailurePercent: 10, maxChanges: 10_000 },
    removal: { dryRun: 'required', connected: 'leave' },
    ...changes,
  });
}

/** A hub whose devices have the old module, each with a twin of its own. */
function benchWith(devices: number, policy: ModuleSpec[] = [absent()]): WorkerBench {
  const bench = new WorkerBench();
  bench.policy = policy;
  for (let index = 0; index < devices; index++) {
    bench.hub.addDevice(`device-${index}`);
    bench.hub.addModule(`device-${index}`, old, { twin: { tags: { index }, desired: { level: index } } });
  }
  return bench;
}

async function run(bench: WorkerBench, dryRun = false, startedBy: Starter = 'http') {
  const { runId } = await bench.start(dryRun, startedBy);
  await bench.slices();
  return bench.run(runId);
}

async function undo(bench: WorkerBench, undoes: string) {
  const { run: started } = await startUndo(bench.deps, 'contoso', undoes);
  await bench.slices();
  return bench.run(started.runId);
}

const has = (bench: WorkerBench, index: number) => bench.hub.moduleOf(`device-${index}`, old);

describe('removing modules', () => {
  test('needs a dry run of the same policy that ended within the day before; without one each module is blocked', async () => {
    const bench = benchWith(3);
    const first = await run(bench);
    expect(first.counts).toMatchObject({ removed: 0, blocked: { needsDryRun: 3 } });
    await run(bench, true);
    await bench.clock.advance(dayMs);
    expect((await run(bench)).counts).toMatchObject({ removed: 0, blocked: { needsDryRun: 3 } });
    await run(bench, true);
    bench.policy = [absent({ select: { edge: true } })];
    expect((await run(bench)).counts).toMatchObject({ removed: 0, blocked: { needsDryRun: 3 } });
    expect(bench.hub.calls.some(({ operation }) => operation === 'removeModule')).toBe(false);
    expect((await run(bench, true)).counts).toMatchObject({ removed: 3 });
    expect((await run(bench)).counts).toMatchObject({ removed: 3, blocked: {} });
    expect(has(bench, 0)).toBeUndefined();
  });

  test('is not allowed by the dry run of an assistant, which nobody may have looked at', async () => {
    const bench = benchWith(2);
    expect((await run(bench, true, 'assistant')).counts).toMatchObject({ removed: 2 });
    expect((await run(bench)).counts).toMatchObject({ removed: 0, blocked: { needsDryRun: 2 } });
  });

  test('is not allowed by a dry run that ended after the run was requested, so that nobody can have read it', async () => {
    const bench = benchWith(3);
    await bench.start(true);
    const queued = await bench.start();
    await bench.slices();
    expect((await bench.run(queued.runId)).counts).toMatchObject({ removed: 0, blocked: { needsDryRun: 3 } });
    expect((await run(bench)).counts.removed).toBe(3);
  });

  test('is not allowed by a dry run of another hub of the same name, or that saw only a part of the hub', async () => {
    const bench = benchWith(100);
    for (let index = 1; index < 100; index++) bench.hub.hiddenFromIndex.add(`device-${index}`);
    expect((await run(bench, true)).reason).toMatch(/more than 1 % are missing/);
    bench.hub.hiddenFromIndex.clear();
    expect((await run(bench)).counts).toMatchObject({ removed: 0, blocked: { needsDryRun: 100 } });
    await run(bench, true);
    bench.config = { ...bench.config, hostName: 'other.azure-devices.net' };
    expect((await run(bench)).counts).toMatchObject({ removed: 0, blocked: { needsDryRun: 100 } });
  });

  test('checks no more modules than it removes within seconds', async () => {
    const bench = benchWith(60, [absent({ removal: { dryRun: 'off', connected: 'leave' } })]);
    const checkedAtMs = new Map<string, number>();
    let longestMs = 0;
    bench.hub.onCall = (operation, [deviceId = '']) => {
      if (operation === 'readModule') checkedAtMs.set(deviceId, bench.clock.now());
      if (operation !== 'removeModule') return;
      longestMs = Math.max(longestMs, bench.clock.now() - (checkedAtMs.get(deviceId) ?? 0));
    };
    expect((await run(bench)).counts.removed).toBe(60);
    expect(longestMs).toBeLessThan(5_000);
  });

  test('with dryRun "off" needs no dry run, and leaves connected modules and those that a service manages', async () => {
    const bench = benchWith(4, [absent({ removal: { dryRun: 'off', connected: 'leave' } })]);
    Object.assign(has(bench, 1) ?? {}, { isConnected: true });
    Object.assign(has(bench, 2) ?? {}, { managedBy: 'IotEdge' });
    const { counts, status } = await run(bench);
    expect([status, counts]).toMatchObject(['done', { removed: 2, blocked: { connected: 1 }, excludedPairs: 1 }]);
    expect([0, 1, 2, 3].map((index) => has(bench, index) !== undefined)).toEqual([false, true, true, false]);
  });

  test('leaves a module that somebody changed between the check and the removal, and says so', async () => {
    const bench = benchWith(2, [absent({ removal: { dryRun: 'off', connected: 'leave' } })]);
    bench.hub.afterCall = (operation, [deviceId]) => {
      const module = deviceId === 'device-1' ? has(bench, 1) : undefined;
      if (operation === 'readModuleTwin' && module) module.etag += 1;
    };
    const { counts, causes } = await run(bench);
    expect(counts).toMatchObject({ removed: 1, failed: 1 });
    expect(causes).toEqual({ failed: { changedMeanwhile: 1 } });
  });

  test('leaves the module of a device that the policy has ceased to select since it was listed', async () => {
    const select = { edge: false, exemptTag: 'keep', tags: { site: ['a'] } };
    const bench = benchWith(6, [absent({ select, removal: { dryRun: 'off', connected: 'leave' } })]);
    const site = { site: 'a' };
    for (let index = 0; index < 6; index++) bench.hub.addDevice(`device-${index}`, { tags: site });
    bench.hub.afterCall = (operation) => {
      if (operation !== 'findModules') return;
      bench.hub.addDevice('device-1', { tags: { ...site, keep: { reason: 'recall' } } });
      bench.hub.addDevice('device-2', { tags: site, edge: true });
      bench.hub.addDevice('device-3', { tags: { site: 'b' } });
      bench.hub.deleteDevice('device-4');
    };
    const { counts } = await run(bench);
    expect(counts).toMatchObject({ selected: 6, removed: 2, excludedPairs: 3, gone: 1 });
    expect([1, 2, 3].every((index) => has(bench, index) !== undefined)).toBe(true);
  });

  test.each([
    ['unavailable', 0],
    ['throttled', 0],
    ['throttled', 3_600_000],
  ] as const)(
    'checks again a module whose removal had to wait since the hub was %s, also if the system time is set back by %i ms',
    async (kind, backMs) => {
      const bench = benchWith(3, [absent({ removal: { dryRun: 'off', connected: 'leave' } })]);
      let badUntilMs = 0;
      bench.hub.onCall = (operation) => {
        if (operation === 'removeModule' && badUntilMs === 0) {
          badUntilMs = bench.clock.elapsedMs() + 120_000;
          bench.clock.setBack(backMs);
          for (let index = 0; index < 3; index++) Object.assign(has(bench, index) ?? {}, { isConnected: true });
        }
        if (bench.clock.elapsedMs() < badUntilMs)
          throw bench.hub.error(kind, { status: kind === 'throttled' ? 429 : 503 });
      };
      const { runId } = await bench.start();
      const { run: ended } = await driveRun(bench, runId);
      expect(ended).toMatchObject({ status: 'done', counts: { removed: 0, blocked: { connected: 3 } } });
    },
  );

  test('ends as failed and removes nothing if more removals are due at first than stop.maxChanges', async () => {
    const rule = {
      stop: { maxFailurePercent: 10, maxChanges: 5 },
      removal: { dryRun: 'off', connected: 'leave' },
    } as const;
    const bench = benchWith(20, [absent(rule)]);
    const ended = await run(bench);
    expect(ended).toMatchObject({ status: 'failed', reason: expect.stringMatching(/maxChanges \(5\)/) });
    expect([...bench.hub.modules.values()].filter((modules) => modules.has(old))).toHaveLength(20);
  });
});

describe('a device with as many modules as a hub allows', () => {
  const most = 3;

  /** Each device has the most modules, one of them the old one; the policy replaces that by another. */
  function fullBench(windows?: ModuleSpec['windows']): WorkerBench {
    const removing = absent({ removal: { dryRun: 'off', connected: 'leave' }, ...(windows ? { windows } : {}) });
    const bench = benchWith(120, [spec(), removing]);
    for (const deviceId of bench.hub.devices.keys())
      for (const moduleId of ['a', 'b']) bench.hub.addModule(deviceId, moduleId);
    const registry = bench.hub.registry.bind(bench.hub);
    bench.hub.registry = () => {
      const plain = registry();
      const isFull = ({ deviceId }: { deviceId: string }) => (bench.hub.modules.get(deviceId)?.size ?? 0) >= most;
      const refused = { refused: 'tooManyModules', code: 'TooManyModulesOnDevice' } as const;
      return {
        ...plain,
        createModules: async (creations) => {
          const full = new Set(creations.filter(isFull));
          const verdicts = await plain.createModules(creations.filter((one) => !full.has(one)));
          return creations.map((one) => (full.has(one) ? refused : (verdicts.shift() ?? 'unknown')));
        },
      };
    };
    return bench;
  }

  test('gets the new module in the run that removes the old one', async () => {
    const bench = fullBench();
    expect(await run(bench)).toMatchObject({ status: 'done', counts: { removed: 120, created: 120, blocked: {} } });
  });

  test('is blocked where the old one stays, or waits for a window', async () => {
    const bench = fullBench();
    for (let index = 0; index < 7; index++) Object.assign(has(bench, index) ?? {}, { isConnected: true });
    expect((await run(bench)).counts).toMatchObject({
      ...{ removed: 113, created: 113 },
      blocked: { connected: 7, tooManyModules: 7 },
    });
    const waiting = fullBench([{ days: ['sun'], from: '00:00', to: '01:00' }]);
    const { runId } = await waiting.start();
    await waiting.slices();
    expect((await waiting.run(runId)).counts).toMatchObject({ created: 0, blocked: { tooManyModules: 120 } });
  });
});

describe('undoing a removal', () => {
  test('lists no device, so it says nothing about exemptions and agents', async () => {
    const bench = benchWith(1, [absent({ removal: { dryRun: 'off', connected: 'leave' } })]);
    const undone = await undo(bench, (await run(bench)).runId);
    expect(undone).toMatchObject({ status: 'done', counts: { created: 1 }, exemptions: null, health: null });
  });

  test('creates every module again with its twin, and its key is new', async () => {
    const bench = benchWith(250, [absent({ removal: { dryRun: 'off', connected: 'leave' } })]);
    const keys = new Set([...bench.hub.modules.values()].map((modules) => modules.get(old)?.key));
    const removal = await run(bench);
    expect(removal.counts.removed).toBe(250);
    const undone = await undo(bench, removal.runId);
    expect(undone).toMatchObject({ status: 'done', undoes: removal.runId, startedBy: 'undo' });
    expect(undone.reason).toMatch(/new keys/);
    expect(undone.counts).toMatchObject({ devices: 250, selected: 250, created: 250, unchanged: 0 });
    for (let index = 0; index < 250; index++) {
      expect(has(bench, index)?.twin).toEqual({ tags: { index }, desired: { level: index } });
      expect(keys.has(has(bench, index)?.key)).toBe(false);
    }
  });

  test('brings back what a cancelled run had removed, although its record does not say so', async () => {
    const bench = benchWith(30, [absent({ removal: { dryRun: 'off', connected: 'leave' } })]);
    const { runId } = await bench.start();
    let removed = 0;
    bench.hub.afterCall = async (operation) => {
      if (operation === 'removeModule' && ++removed === 1) await bench.cancel(runId);
    };
    await bench.slices();
    bench.hub.afterCall = () => {};
    expect((await bench.run(runId)).checkpoint.removedParts).toBe(0);
    expect([...bench.hub.modules.values()].some((modules) => !modules.has(old))).toBe(true);
    expect(await removedParts(bench.documents, { hub: 'contoso', runId })).not.toEqual([]);
    await undo(bench, runId);
    expect([...bench.hub.modules.values()].every((modules) => modules.has(old))).toBe(true);
  });

  test('takes the newest of several stored copies, and counts a module once', async () => {
    const bench = benchWith(1, [absent({ removal: { dryRun: 'off', connected: 'leave' } })]);
    let first = true;
    bench.hub.onCall = (operation) => {
      if (operation !== 'removeModule' || !first) return;
      first = false;
      bench.stopping.abort(new Error('stopped'));
      throw bench.hub.error('unavailable', { status: 500 });
    };
    const { runId } = await bench.start();
    await bench.slice();
    bench.stopping = new AbortController();
    await bench.clock.advance(120_000);
    Object.assign(has(bench, 0) ?? {}, { twin: { tags: {}, desired: { level: 99 } } });
    await bench.slices();
    expect(await removedParts(bench.documents, { hub: 'contoso', runId })).toHaveLength(2);
    const undone = await undo(bench, runId);
    expect(undone.counts).toMatchObject({ devices: 1, created: 1, unchanged: 0 });
    expect(has(bench, 0)?.twin).toEqual({ tags: {}, desired: { level: 99 } });
  });

  test('creates nothing on another hub of the same name', async () => {
    const bench = benchWith(3, [absent({ removal: { dryRun: 'off', connected: 'leave' } })]);
    const removal = await run(bench);
    bench.config = { ...bench.config, hostName: 'other.azure-devices.net' };
    expect(await undo(bench, removal.runId)).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('removed from contoso.azure-devices.net'),
      counts: { created: 0 },
    });
  });

  test('finds what several workers stored at the same time in parts of their own', async () => {
    const bench = benchWith(0);
    const module = (deviceId: string) => ({
      ...{ deviceId, moduleId: old, authentication: 'sas' as const, generationId: '1' },
      twin: { tags: {}, desired: {} },
    });
    const write = (id: string) => writeRemoved(bench.documents, { hub: 'contoso', runId: 'r' }, 1, [module(id)]);
    expect((await Promise.all(['a', 'b', 'c'].map(write))).sort()).toEqual([1, 2, 3]);
  });

  test('leaves what somebody has created meanwhile, and says what is gone', async () => {
    const bench = benchWith(3, [absent({ removal: { dryRun: 'off', connected: 'leave' } })]);
    const removal = await run(bench);
    bench.hub.addModule('device-0', old, { twin: { tags: { theirs: true } } });
    bench.hub.deleteDevice('device-1');
    const undone = await undo(bench, removal.runId);
    expect(undone.counts).toMatchObject({ created: 1, unchanged: 1, gone: 1 });
    expect(has(bench, 0)?.twin).toEqual({ tags: { theirs: true } });
  });

  test('makes the dry run before it count no more, so that the next sweep does not remove again', async () => {
    const bench = benchWith(3);
    await run(bench, true);
    const removal = await run(bench);
    await undo(bench, removal.runId);
    expect((await run(bench)).counts).toMatchObject({ removed: 0, blocked: { needsDryRun: 3 } });
  });

  test.each(['an older', 'the newest'])(
    'continues without %s stored part if it is missing, and ends as failed',
    async (which) => {
      const bench = benchWith(250, [absent({ removal: { dryRun: 'off', connected: 'leave' } })]);
      const removal = await run(bench);
      const parts = (await bench.documents.list(`runs/contoso/${removal.runId}.removed/`)).length;
      expect(parts).toBeGreaterThan(2);
      const part = String(which === 'the newest' ? parts : 2).padStart(5, '0');
      await bench.documents.remove(`runs/contoso/${removal.runId}.removed/${part}.ndjson`);
      const undone = await undo(bench, removal.runId);
      expect(undone).toMatchObject({
        status: 'failed',
        reason: expect.stringContaining('1 parts no longer exist'),
      });
      expect(undone.counts.created).toBeGreaterThan(0);
      expect(undone.counts.created).toBe([...bench.hub.modules.values()].filter((modules) => modules.has(old)).length);
    },
  );

  test('leaves out a damaged line of what was stored', async () => {
    const bench = benchWith(3, [absent({ removal: { dryRun: 'off', connected: 'leave' } })]);
    const removal = await run(bench);
    const path = `runs/contoso/${removal.runId}.removed`;
    const text = (await bench.documents.readPart(path, 1)) ?? '';
    await bench.documents.writePart(path, 1, text.slice(0, -20));
    expect(await undo(bench, removal.runId)).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('1 lines cannot be read'),
      counts: { created: 2 },
    });
  });

  test('starts only while no other run of the hub is live, and no sweep beside it', async () => {
    const bench = benchWith(3, [absent({ removal: { dryRun: 'off', connected: 'leave' } })]);
    const removal = await run(bench);
    const sweep = await bench.start();
    await expect(startUndo(bench.deps, 'contoso', removal.runId)).rejects.toMatchObject({ name: 'HubBusyError' });
    await bench.cancel(sweep.runId);
    const { run: first } = await startUndo(bench.deps, 'contoso', removal.runId);
    expect(await startUndo(bench.deps, 'contoso', removal.runId)).toMatchObject({
      alreadyRunning: true,
      run: { runId: first.runId },
    });
    await expect(bench.start()).rejects.toMatchObject({ name: 'HubBusyError', runId: first.runId });
    expect((await bench.start(true)).dryRun).toBe(true);
  });

  test.each([1, 2, 3, 4])(
    'brings everything back although workers die at any moment of the removal and the undo (seed %i)',
    async (seed) => {
      const bench = benchWith(120, [absent({ removal: { dryRun: 'off', connected: 'leave' } })]);
      bench.sliceMs = 61_000 + seed * 1_000;
      let calls = 0;
      bench.hub.afterCall = () => {
        calls += 1;
        if (calls % (37 + seed) === 0) bench.stopping.abort(new Error('stopped'));
      };
      const drive = async (runId: string) => {
        for (let count = 0; count < 200 && (await bench.run(runId)).finishedAt === null; count++) {
          bench.stopping = new AbortController();
          await bench.slice();
          await bench.clock.advance(60_000);
        }
        return bench.run(runId);
      };
      const removal = await drive((await bench.start()).runId);
      expect([removal.status, removal.counts.removed + removal.counts.unchanged]).toEqual(['done', 120]);
      expect([...bench.hub.modules.values()].every((modules) => modules.size === 0)).toBe(true);
      const undone = await drive((await startUndo(bench.deps, 'contoso', removal.runId)).run.runId);
      expect(undone.status).toBe('done');
      for (let index = 0; index < 120; index++) expect(has(bench, index)?.twin).toMatchObject({ tags: { index } });
    },
  );
});
