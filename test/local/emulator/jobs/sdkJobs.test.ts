import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { describe, expect, test } from '@jest/globals';
import iothub from 'azure-iothub';
import { withEmulator } from '../withEmulator.ts';
import { blobContainers } from './blobContainers.ts';
import { isOver, jobWhen } from './jobCalls.ts';

const container = blobContainers();

/** Where the SDK keeps its HTTP options; an agent with host and port is how it dials a host name with a port. */
interface Dialing {
  _restApiClient: { setOptions(options: { http: { agent: Agent } }): void };
}

/** The SDK's types leave out what jobs are known by. */
const idOf = (job: object): string => ('jobId' in job ? String(job.jobId) : '');

describe('The azure-iothub SDK', () => {
  test('the SDK exports, imports, lists, reads and cancels jobs', async () => {
    const blobs = await container();
    await withEmulator({ jobEnqueuedMs: 0, jobRunningMs: 300 }, async (client, emulator) => {
      const agent = new Agent({ host: 'localhost', port: emulator.port, ca: readFileSync(emulator.caFile) });
      const registry = iothub.Registry.fromConnectionString(emulator.connectionString);
      (registry as unknown as Dialing)._restApiClient.setOptions({ http: { agent } });
      emulator.hub.createDevice({ deviceId: 'a' });
      const exported = await registry.exportDevicesToBlob(blobs.uri(), true);
      expect(await jobWhen(client, idOf(exported), isOver)).toMatchObject({ type: 'export', status: 'completed' });
      expect(await blobs.lines('devices.txt')).toHaveLength(2);
      await blobs.put('devices.txt', '{"id":"b","importMode":"create","status":"enabled"}\n');
      const imported = await registry.importDevicesFromBlob(blobs.uri('r'), blobs.uri());
      expect(await jobWhen(client, idOf(imported), isOver)).toMatchObject({ type: 'import', status: 'completed' });
      expect(emulator.hub.device('b')).toBeDefined();
      const cancelled = await registry.exportDevicesToBlob(blobs.uri(), false);
      await registry.cancelJob(idOf(cancelled));
      expect(await registry.getJob(idOf(cancelled))).toMatchObject({ status: 'cancelled' });
      expect((await registry.listJobs()).responseBody).toHaveLength(3);
    });
  });
});
