import { describe, expect, test } from '@jest/globals';
import { breakDeadLease, sendGuard } from '../../local/chaos/deadWorker.ts';
import { seedDevices } from '../../local/emulator/state/seedDevices.ts';
import { endOf, type RunView } from './endOf.ts';
import { agent, TestCloud } from './testCloud.ts';

describe('a sweep whose process ends', () => {
  test('is finished by the next process after a kill, and counts each device once', async () => {
    const seed = ({ hub }: { hub: TestCloud['hub'] }) =>
      seedDevices(hub, { count: 400, mix: { disabled: 0, edge: 0 } });
    const cloud = await TestCloud.start({ seed });
    try {
      const { body } = await cloud.json<{ runs: { runId: string }[] }>('POST', '/api/sweeps', {});
      const runId = body.runs[0]?.runId;
      await cloud.until('some modules are created', () => [...cloud.hub.modules()].length > 150);
      await cloud.restartHost();
      // Saves the 62 s until the lease of the killed worker has expired and its guard wakes the next one.
      await breakDeadLease(cloud.cloud.storageConnectionString, cloud.hubName);
      await sendGuard(cloud.cloud.storageConnectionString, cloud.hubName);
      const { status, counts } = await endOf(cloud, runId);
      expect(status).toBe('done');
      expect(counts.created + counts.unchanged).toBe(400);
      expect([...cloud.hub.devices()].every(({ moduleIds }) => moduleIds.includes(agent))).toBe(true);
    } finally {
      await cloud.cloud.close();
    }
  });

  test('writes exact counts and releases its lease when its host ends in order, and continues later', async () => {
    const seed = ({ hub }: { hub: TestCloud['hub'] }) =>
      seedDevices(hub, { count: 400, mix: { disabled: 0, edge: 0, withModule: 0 } });
    const cloud = await TestCloud.start({ seed });
    const created = () => [...cloud.hub.modules()].filter(({ moduleId }) => moduleId === agent).length;
    try {
      const { body } = await cloud.json<{ runs: { runId: string }[] }>('POST', '/api/sweeps', {});
      const runId = body.runs[0]?.runId;
      await cloud.until('some modules are created', () => created() > 80);
      await cloud.cloud.host.kill('SIGINT');
      expect(created()).toBeLessThan(400);
      const keeper = cloud.blobs.getContainerClient('module-keeper');
      const stored = await keeper.getBlobClient(`runs/contoso/${runId}.json`).downloadToBuffer();
      const { status, counts } = JSON.parse(stored.toString('utf8')) as RunView;
      expect({ status, created: counts.created }).toEqual({ status: 'running', created: created() });
      const { leaseState } = await keeper.getBlobClient('leases/contoso').getProperties();
      expect(leaseState).toBe('available');

      await cloud.restartHost();
      await cloud.call('POST', '/admin/functions/watchHubs', '{"input":""}');
      const ended = await endOf(cloud, runId);
      expect({ status: ended.status, created: ended.counts.created }).toEqual({ status: 'done', created: 400 });
    } finally {
      await cloud.cloud.close();
    }
  });
});
