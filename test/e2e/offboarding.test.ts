import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { breakDeadLease, sendGuard } from '../../local/chaos/deadWorker.ts';
import { propertyRuns } from '../support/propertyRuns.ts';
import { agent, TestCloud } from './testCloud.ts';

const old = 'azureiotsecurity';
/** 10,000 with `PROPERTY_FACTOR=25`. */
const { numRuns: count } = propertyRuns(400);
const interruptions = 5;

interface RunView {
  runId: string;
  status: string;
  reason: string | null;
  undoes: string | null;
  counts: { removed: number; unchanged: number; created: number; blocked: Record<string, number> };
}

describe('offboarding a module', () => {
  let cloud: TestCloud;
  beforeAll(async () => {
    const policy = [
      { moduleId: old, ensure: 'absent', select: { deviceIds: ['line-*'] }, stop: { maxChanges: 1_000_000 } },
      { moduleId: agent, select: { deviceIds: ['lab-*'] } },
    ];
    cloud = await TestCloud.start({
      hub: { name: 'contoso', tier: 'S3', units: 10, queryDelayMs: 0 },
      settings: () => ({ HUB_UNITS: '10', HUB_BUDGET_PERCENT: '100', POLICY: JSON.stringify(policy) }),
    });
    for (let index = 0; index < count; index++) addDevice(`line-${index}`, index);
    for (let index = 0; index < 50; index++) addDevice(`other-${index}`, index);
    cloud.hub.createDevice({ deviceId: 'line-edge', edge: true });
    cloud.hub.createModule('line-edge', { moduleId: old, managedBy: 'IotEdge' });
  });
  afterAll(() => cloud.cloud.close());

  function addDevice(deviceId: string, index: number): void {
    cloud.hub.createDevice({ deviceId });
    const twin = { tags: { index }, desired: { level: { value: index } } };
    cloud.hub.createModule(deviceId, { moduleId: old, ...twin });
    cloud.hub.createModule(deviceId, { moduleId: 'theirs', ...twin });
  }

  /** The host closes connections that rest, and those of a killed host break: a call may meet either. All calls here may be repeated. */
  async function call<Body>(method: string, path: string, body?: unknown): Promise<{ status: number; body: Body }> {
    for (let tries = 1; ; tries++) {
      try {
        return await cloud.json<Body>(method, path, body);
      } catch (error) {
        if (tries === 10 || !(error instanceof TypeError && error.message === 'fetch failed')) throw error;
      }
    }
  }

  async function run(body: { dryRun?: boolean }): Promise<string> {
    return (await call<{ runs: RunView[] }>('POST', '/api/sweeps', body)).body.runs[0]?.runId ?? '';
  }

  async function ended(runId: string): Promise<RunView> {
    const path = `/api/sweeps/contoso/${runId}`;
    let { body } = await call<RunView>('GET', path);
    await cloud.until(
      'the run ends',
      async () => {
        body = (await call<RunView>('GET', path)).body;
        return !['queued', 'running'].includes(body.status);
      },
      200,
    );
    return body;
  }

  async function killAndGoOn(): Promise<void> {
    await cloud.restartHost();
    await breakDeadLease(cloud.cloud.storageConnectionString, cloud.hubName);
    await sendGuard(cloud.cloud.storageConnectionString, cloud.hubName);
  }

  const left = () => [...cloud.hub.modules()].filter(({ moduleId }) => moduleId === old).length;

  /** Etags, generations, keys and twins of everything that no run may touch. */
  function untouched() {
    const others = [...cloud.hub.modules()].filter(
      ({ deviceId, moduleId }) => moduleId !== old || !/^line-\d/.test(deviceId),
    );
    const modules = others.map(({ deviceId, moduleId }) => [
      cloud.hub.identity(deviceId, moduleId),
      cloud.hub.keyHash(deviceId, moduleId),
      cloud.hub.twin(deviceId, moduleId),
    ]);
    const devices = [...cloud.hub.devices()].map(({ deviceId }) => cloud.hub.identity(deviceId));
    return JSON.stringify({ modules, devices });
  }

  test('removes exactly what the policy selects although its worker dies five times, and an undo brings it back', async () => {
    const before = untouched();
    const dry = await ended(await run({ dryRun: true }));
    expect(dry).toMatchObject({ status: 'done', counts: { removed: count } });
    expect(left()).toBe(count + 51);

    const runId = await run({});
    for (let kill = 1; kill <= interruptions; kill++) {
      const enough = Math.round((count * kill) / (interruptions + 1));
      await cloud.until(`${enough} modules are removed`, () => count + 51 - left() >= enough, 5);
      await killAndGoOn();
    }
    const removal = await ended(runId);
    expect(removal).toMatchObject({ status: 'done', reason: null });
    expect(removal.counts.removed + removal.counts.unchanged).toBe(count);
    expect(left()).toBe(51);
    expect(untouched()).toBe(before);

    const undo = await call<RunView>('POST', `/api/sweeps/contoso/${runId}/undo`);
    expect(undo.status).toBe(202);
    await cloud.until('half is back', () => left() >= 51 + count / 2, 5);
    await killAndGoOn();
    expect(await ended(undo.body.runId)).toMatchObject({ status: 'done', undoes: runId });
    expect(left()).toBe(count + 51);
    for (let index = 0; index < count; index++) {
      const { tags, properties } = cloud.hub.twin(`line-${index}`, old) as unknown as Twin;
      const { $metadata: _times, $version: _version, ...desired } = properties.desired;
      expect([tags, desired]).toEqual([{ index }, { level: { value: index } }]);
    }
    expect(untouched()).toBe(before);

    const again = await ended(await run({}));
    expect(again.counts).toMatchObject({ removed: 0, blocked: { needsDryRun: count } });
    expect(left()).toBe(count + 51);
  });

  test('sends only reads, bulk creates and deletes of modules: no call that could write a device or a twin', () => {
    const { requests } = cloud.cloud.emulator.counters();
    expect(Object.keys(requests).sort()).toEqual(
      ['bulk', 'deleteModule', 'deviceStatistics', 'getModule', 'getTwin', 'query'].sort(),
    );
  });
});

interface Twin {
  tags: object;
  properties: { desired: Record<string, unknown> };
}
