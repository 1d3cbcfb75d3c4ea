import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { seedDevices } from '../../local/emulator/state/seedDevices.ts';
import { bundle } from '../../scripts/bundle.ts';
import { IngestionStub } from '../support/ingestionStub.ts';
import { startWithTelemetry } from './startWithTelemetry.ts';
import { agent } from './testCloud.ts';

/** What the host leaves to the end of its app, and some more for a machine that is busy. */
const endLimitMs = 8_000;

describe('an app whose ingestion endpoint', () => {
  test('hangs, refuses, and goes away does its work all the same, and ends in time', async () => {
    // The bundle, where nothing else is beside it: what it needs is in it.
    const folder = await mkdtemp(join(tmpdir(), 'module-keeper-'));
    const stub = await IngestionStub.start();
    stub.mood = 'hangs';
    const app = await bundle(join(folder, 'dist'));
    const cloud = await startWithTelemetry(stub, { app, seed: ({ hub }) => seedDevices(hub, { count: 40 }) });
    const work = async (name: string) => {
      cloud.hub.createDevice({ deviceId: name });
      await cloud.postSample(name);
      expect(cloud.hub.module(name, agent)).toBeDefined(); // at once, before the event was acknowledged
    };
    try {
      await work('early');
      await cloud.until('the exporter has sent something', () => stub.requests.length > 0, 20_000);
      await work('hanging');
      await cloud.call('POST', '/api/sweeps', '{}');
      await cloud.until('the sweep ends', async () =>
        /"status":"done"/.test((await cloud.call('GET', '/api/sweeps')).text),
      );
      await delay(1_500); // what the app knows of the worker's lease may be a second old
      stub.mood = 'refuses';
      await work('refused');
      await stub.close();
      await work('gone');
    } finally {
      const endsMs = Date.now();
      await cloud.cloud.host.close();
      expect(await cloud.cloud.host.exited).toEqual({ code: 0, signal: null });
      expect(Date.now() - endsMs).toBeLessThan(endLimitMs);
      await cloud.cloud.close();
      await rm(folder, { recursive: true });
    }
    expect(stub.envelopes).toEqual([]);
  });
});
