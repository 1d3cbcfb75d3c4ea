import { describe, expect, test } from '@jest/globals';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import { HubError } from '../../../shared/hub/hubError.ts';
import { agent } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet } from './fleet.ts';

const hub = 'contoso';
const hourMs = 3_600_000;

async function addPending(bench: WorkerBench, ...deviceIds: string[]): Promise<void> {
  for (const deviceId of deviceIds) await bench.pending.add(hub, { deviceId, tries: 0 }, 0);
}

describe('the hub worker on a hub that refuses the app', () => {
  test('keeps pending devices in their queue', async () => {
    const bench = new WorkerBench();
    bench.hub.addDevice('a');
    bench.hub.onCall = () => {
      throw bench.hub.error('forbidden', { status: 403 });
    };
    await addPending(bench, 'a');
    expect(await bench.slice()).toBe(false);
    expect(bench.pending.deviceIds(hub)).toEqual(['a']);
    expect(bench.log.lines.some(({ fields }) => String(fields.reason).includes('IoT Hub Registry Contributor'))).toBe(
      true,
    );
    bench.hub.onCall = () => {};
    await bench.clock.advance(300_000);
    await bench.slices();
    expect(bench.hub.moduleOf('a', agent)).toBeDefined();
  });

  test('fails a run with the reason, although pending devices get the same refusal first', async () => {
    const bench = new WorkerBench();
    bench.hub.addDevice('a');
    bench.hub.onCall = () => {
      throw bench.hub.error('forbidden', { status: 403 });
    };
    await addPending(bench, 'a');
    const { runId } = await bench.start();
    await bench.slice();
    expect((await bench.run(runId)).status).toBe('failed');
    expect((await bench.run(runId)).reason).toMatch(/IoT Hub Registry Contributor/);
    expect(bench.pending.deviceIds(hub)).toEqual(['a']);
  });

  test('waits during a run while its key is rotated, shows that in waitingFor, and finishes with the new key', async () => {
    const bench = new WorkerBench();
    for (let index = 0; index < 200; index++) bench.hub.addDevice(`device-${index}`);
    const { runId } = await bench.start();
    let refusing = false;
    bench.hub.onCall = () => {
      if (refusing) throw bench.hub.error('unauthorized', { status: 401 });
    };
    bench.sliceMs = 60_000;
    await bench.slice();
    refusing = true;
    for (let minutes = 0; minutes < 60; minutes += 5) {
      await bench.watch();
      expect(await bench.slice()).toBe(false);
      expect((await bench.run(runId)).waitingFor).toMatch(/needs the role/);
      await bench.clock.advance(300_000);
    }
    expect(await bench.run(runId)).toMatchObject({ status: 'running', reason: null });
    refusing = false;
    await bench.slices();
    expect(await bench.run(runId)).toMatchObject({
      status: 'done',
      waitingFor: null,
      counts: { created: 200, failed: 0 },
    });
  });

  test('fails a run at once if no create ever succeeded, and waits if one did', async () => {
    for (const allowed of [0, 20]) {
      const bench = new WorkerBench();
      for (let index = 0; index < 200; index++) bench.hub.addDevice(`device-${index}`);
      bench.hub.onCall = (operation) => {
        if (!operation.startsWith('createModule') || bench.hub.modules.size < allowed) return;
        throw new HubError('contoso', 'create module', { kind: 'unauthorized', status: 401 });
      };
      const { runId } = await bench.start();
      while (await bench.slice());
      const { status, reason, waitingFor } = await bench.run(runId);
      expect(status).toBe(allowed === 0 ? 'failed' : 'running');
      expect(allowed === 0 ? reason : waitingFor).toContain(
        'needs the role "IoT Hub Registry Contributor" on this hub',
      );
    }
  });

  test('fails a run after the hub refused its key for a day', async () => {
    const bench = new WorkerBench();
    fleet(bench, 200);
    const { runId } = await bench.start();
    bench.sliceMs = 60_000;
    await bench.slice();
    bench.hub.onCall = (operation) => {
      if (/^(create|hasModule)/.test(operation)) throw bench.hub.error('unauthorized', { status: 401 });
    };
    let hours = 0;
    for (; hours < 60 && (await bench.run(runId)).status === 'running'; hours++) {
      await bench.slice();
      await bench.clock.advance(hourMs);
    }
    expect((await bench.run(runId)).status).toBe('failed');
    expect(hours).toBeGreaterThanOrEqual(24);
    expect(hours).toBeLessThan(28);
  });
});

describe('the hub worker on a hub that lets the app read but not create', () => {
  test.each(['forbidden', 'unauthorized'] as const)(
    'stops after a few refusals (%s), however few modules are missing',
    async (kind) => {
      const bench = new WorkerBench();
      bench.config = {
        ...{ ...bench.config, tier: 'S3', limits: tierLimits('S3', 1) },
        auth: { kind: 'sas', connectionString: 'HostName=contoso.azure-devices.net' },
      };
      for (const [index, id] of fleet(bench, 20_000).entries()) if (index % 500 > 0) bench.hub.addModule(id, agent);
      let refusals = 0;
      bench.hub.onCall = async (operation) => {
        await bench.clock.sleep(operation.startsWith('create') ? 1_000 : 3_000);
        if (!operation.startsWith('create')) return;
        refusals += 1;
        throw bench.hub.error(kind);
      };
      const { runId } = await bench.start();
      const startMs = bench.clock.now();
      await bench.slice();
      expect(bench.clock.now() - startMs).toBeLessThan(90_000);
      expect(refusals).toBeLessThan(6);
      const run = await bench.run(runId);
      expect(kind === 'forbidden' ? run.status : run.waitingFor).toMatch(
        kind === 'forbidden' ? 'failed' : /RegistryWrite/,
      );
      expect(run.checkpoint.todo.length).toBeLessThan(10);
    },
  );
});
