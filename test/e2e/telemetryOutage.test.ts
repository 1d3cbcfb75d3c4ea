import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { seedDevices } from '../../local/emulator/state/seedDevices.ts';
import { bundle } from '../../scripts/bundle.ts';
import { IngestionStub } from '../support/ingestionStub.ts';
import { untilIdle } from './holdLease.ts';
import { startWithTelemetry } from './startWithTelemetry.ts';
import { agent } from './testCloud.ts';

describe('an app whose ingestion endpoint is unavailable', () => {
  test('creates modules while the endpoint hangs, refuses, or is gone, and stops in time', async () => {
    // The bundle in an empty folder, to show that it needs nothing else.
    const folder = await mkdtemp(join(tmpdir(), 'module-keeper-'));
    const stub = await IngestionStub.start();
    stub.mode = 'hangs';
    const app = await bundle(join(folder, 'dist'));
    const cloud = await startWithTelemetry(stub, { app, seed: ({ hub }) => seedDevices(hub, { count: 40 }) });
    const createModuleOf = async (name: string) => {
      cloud.hub.createDevice({ deviceId: name });
      await cloud.postSample(name);
      expect(cloud.hub.module(name, agent)).toBeDefined(); // it is created before the event is acknowledged
    };
    try {
      await createModuleOf('early');
      await cloud.until('the exporter has sent something', () => stub.requests.length > 0);
      await createModuleOf('hanging');
      await cloud.call('POST', '/api/sweeps', '{}');
      await cloud.until('the sweep ends', async () =>
        /"status":"done"/.test((await cloud.call('GET', '/api/sweeps')).text),
      );
      await untilIdle(cloud);
      stub.mode = 'refuses';
      await createModuleOf('refused');
      await stub.close();
      await createModuleOf('gone');
    } finally {
      await cloud.cloud.host.close(); // kills a process that does not stop in time
      expect(await cloud.cloud.host.exited).toEqual({ code: 0, signal: null });
      await cloud.cloud.close();
      await rm(folder, { recursive: true });
    }
    expect(stub.envelopes).toEqual([]);
  });

  test('loses nothing while the endpoint responds 503, and says in the log of the host what is lost at the end', async () => {
    const stub = await IngestionStub.start();
    stub.mode = 'refuses';
    const cloud = await startWithTelemetry(stub, {});
    const spansOf = (name: string) =>
      stub
        .ofType('RemoteDependencyData')
        .filter(({ data }) => data.baseData.name === 'create module' && data.baseData.properties?.deviceId === name);
    try {
      for (const name of ['refused-1', 'refused-2']) {
        const before = stub.requests.length;
        cloud.hub.createDevice({ deviceId: name });
        await cloud.postSample(name);
        await cloud.until('the exporter has tried again', () => stub.requests.length > before + 1);
      }
      expect(stub.envelopes).toEqual([]);
      stub.mode = 'accepts';
      await cloud.until('the spans arrive', () => spansOf('refused-2').length > 0);
      expect([spansOf('refused-1').length, spansOf('refused-2').length]).toEqual([1, 1]);
      await cloud.until('the metrics arrive', () => stub.metric('keeper.outcomes').length > 0);
      const created = stub.metric('keeper.outcomes').filter((metric) => 'path' in metric && metric.path === 'event');
      expect(created.reduce((sum, { value }) => sum + value, 0)).toBe(2);
      stub.mode = () => ({ status: 400 });
      cloud.hub.createDevice({ deviceId: 'lost' });
      await cloud.postSample('lost');
      const lost = () =>
        cloud.cloud.host
          .logs()
          .split('\n')
          .find((line) => line.includes('Telemetry was lost'));
      await cloud.until('the next invocation logs the loss', async () => {
        await cloud.call('GET', '/api/health');
        return lost() !== undefined;
      });
      expect(lost()).toMatch(/"level":"warning".*HTTP 400/);
    } finally {
      await cloud.cloud.close();
      await stub.close();
    }
  });
});
