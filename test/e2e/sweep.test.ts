import { describe, expect, test } from '@jest/globals';
import { seedDevices } from '../../local/emulator/state/seedDevices.ts';
import { testApp } from '../support/testApp.ts';
import { endOf, type RunView } from './endOf.ts';
import { agent, TestCloud, unusualIds } from './testCloud.ts';

const total = (byReason: Record<string, number>) => Object.values(byReason).reduce((sum, n) => sum + n, 0);

describe('the nightly sweep', () => {
  test.each([
    ['from its sources', () => 'functions/index.ts'],
    ['as it is bundled for deployment', testApp],
  ])('completes through the real queue, with the app %s', async (_how, app) => {
    const cloud = await TestCloud.start({
      app: app(),
      settings: { HUB_BUDGET_PERCENT: '100' }, // so that the test takes less time
      seed: ({ hub }) => seedDevices(hub, { count: 300, mix: { disabled: 0.05 } }),
    });
    try {
      const hadIt = [...cloud.hub.modules()].filter(({ moduleId }) => moduleId === agent);
      const keys = new Map(hadIt.map(({ deviceId }) => [deviceId, cloud.hub.keyHash(deviceId, agent)]));
      expect((await cloud.call('POST', '/admin/functions/nightlySweep', '{"input":""}')).status).toBe(202);
      const { status, reason, counts } = await endOf(cloud);
      expect({ status, reason }).toEqual({ status: 'done', reason: null });
      const devices = [...cloud.hub.devices()];
      const selected = devices.filter(({ edge }) => !edge);
      const reachable = selected.filter((device) => device.status === 'enabled');
      // The counts must match the hub itself.
      expect(counts).toMatchObject({
        devices: devices.length,
        selected: selected.length,
        excluded: { edge: devices.length - selected.length },
        unchanged: hadIt.length,
        created: reachable.length - hadIt.length,
        blocked: { disabled: selected.length - reachable.length },
      });
      expect(counts.created + counts.unchanged + counts.gone + counts.failed + total(counts.blocked)).toBe(
        selected.length,
      );
      for (const { deviceId, edge, status: state, moduleIds, authenticationType } of devices) {
        expect([deviceId, moduleIds.includes(agent)]).toEqual([deviceId, !edge && state === 'enabled']);
        const module = cloud.hub.module(deviceId, agent);
        const inherited = authenticationType === 'certificateAuthority' ? 'certificateAuthority' : 'sas';
        if (module) expect(module.authenticationType).toBe(inherited);
      }
      for (const [deviceId, hash] of keys) expect(cloud.hub.keyHash(deviceId, agent)).toBe(hash);
      for (const deviceId of unusualIds) {
        const { edge, status: state } = cloud.hub.device(deviceId) ?? {};
        if (!edge && state === 'enabled') expect(cloud.hub.module(deviceId, agent)).toBeDefined();
      }
    } finally {
      await cloud.cloud.close();
    }
  });

  test('as a dry run creates nothing, can be cancelled, and is listed newest first', async () => {
    const cloud = await TestCloud.start({ seed: ({ hub }) => seedDevices(hub, { count: 50 }) });
    try {
      const modules = [...cloud.hub.modules()].length;
      const dry = await cloud.json<{ runs: { runId: string; url: string; alreadyRunning: boolean }[] }>(
        'POST',
        '/api/sweeps',
        {
          hubs: ['CONTOSO'],
          dryRun: true,
        },
      );
      expect(dry).toMatchObject({ status: 202, body: { runs: [{ hub: 'contoso', alreadyRunning: false }] } });
      const started = dry.body.runs[0];
      expect(started?.url).toBe(`${cloud.cloud.host.url}/api/sweeps/contoso/${started?.runId}`);
      const run = await endOf(cloud, started?.runId);
      expect(run).toMatchObject({ status: 'done', dryRun: true });
      expect(run.counts.created).toBeGreaterThan(20);
      expect([...cloud.hub.modules()]).toHaveLength(modules);

      const ended = await cloud.json<RunView>('DELETE', `/api/sweeps/contoso/${started?.runId}`);
      expect(ended).toMatchObject({ status: 200, body: { status: 'done' } });
      expect(cloud.cloud.host.logs()).not.toContain('Run cancelled');

      const second = await cloud.json<{ runs: { runId: string }[] }>('POST', '/api/sweeps', { dryRun: true });
      const cancelled = await cloud.json<RunView>('DELETE', `/api/sweeps/contoso/${second.body.runs[0]?.runId}`);
      expect(cancelled).toMatchObject({ status: 200, body: { status: 'cancelled' } });
      expect(cloud.cloud.host.logs()).toContain('Run cancelled');
      const list = await cloud.json<{ runs: RunView[] }>('GET', '/api/sweeps?hub=contoso');
      expect(list.body.runs.map(({ runId }) => runId)).toEqual(
        [second.body.runs[0]?.runId, started?.runId].sort().reverse(),
      );
      const failures = await cloud.call('GET', `/api/sweeps/contoso/${started?.runId}/failures`);
      expect(failures.headers.get('content-type')).toBe('application/x-ndjson');
    } finally {
      await cloud.cloud.close();
    }
  });
});
