import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../../support/fakeClock.ts';
import { type HubClient, sasToken } from '../hubClient.ts';
import { outcome } from '../outcome.ts';
import { readRecording } from '../recordedExchange.ts';
import { shapeOf } from '../shapeOf.ts';
import { withEmulator } from '../withEmulator.ts';
import { blobContainers } from './blobContainers.ts';
import { createJob, finishedJob, isOver, type Job, jobWhen, promptJobs } from './jobCalls.ts';

const container = blobContainers();

describe('An import or export job', () => {
  describe('shape', () => {
    test('jobs match the recorded traffic of an export and an import', async () => {
      const { exchanges } = readRecording('jobs-export-import-lifecycle.json');
      const uri = (await container()).uri();
      const clock = new FakeClock();
      await withEmulator({ clock, jobEnqueuedMs: 1000, jobRunningMs: 1000 }, async (client) => {
        let jobId = '';
        for (const { request, response } of exchanges) {
          const path = request.path.replace(/\/jobs\/[0-9a-f-]{36}/, `/jobs/${jobId}`);
          // What the recording hides of addresses and keys is put back for the first, and hidden again for the
          // comparison.
          const body = request.body && withAddress(request.body, uri);
          const wanted = (response.body as Job).status;
          const send = () => client.send(request.method, path, { apiVersion: '', ...(body === null ? {} : { body }) });
          let reply = await send();
          const endsAtMs = Date.now() + 300_000;
          while (wanted !== undefined && (reply.body as Job).status !== wanted && Date.now() < endsAtMs) {
            await clock.advance(500);
            reply = await send();
          }
          expect([path, reply.status]).toEqual([path, response.status]);
          expect(shapeOf(withoutIds(reply.body, uri))).toEqual(shapeOf(withoutIds(response.body, uri)));
          if (request.path.startsWith('/jobs/create')) jobId = (reply.body as Job).jobId;
        }
      });
    });

    test('reads of jobs contain no container address from api-version 2021-04-12 on', async () => {
      const uri = (await container()).uri();
      await withEmulator(promptJobs, async (client) => {
        const fresh = await createJob(client, { type: 'export', outputBlobContainerUri: uri });
        const job = await jobWhen(client, (fresh.body as Job).jobId, isOver);
        const list = await client.send('GET', '/jobs');
        const texts = JSON.stringify([job, list.body]);
        expect(texts).not.toContain('BlobContainerUri');
        expect(texts).not.toContain('sig=');
      });
    });
  });

  describe('validation', () => {
    test.each([
      [{}],
      [[]],
      [{ type: 'backup' }],
      [{ type: 'export' }],
      [{ type: 'export', outputBlobContainerUri: 1 }],
      [{ type: 'import', outputBlobContainerUri: 'https://storage.invalid/c' }],
      [{ type: 'export', outputBlobContainerUri: 'https://storage.invalid/c', excludeKeysInExport: 'yes' }],
      [{ type: 'export', outputBlobContainerUri: 'https://storage.invalid/c', includeConfigurations: true }],
      [
        {
          type: 'export',
          outputBlobContainerUri: 'https://storage.invalid/c',
          storageAuthenticationType: 'identityBased',
        },
      ],
    ])('a job with the body %j is refused, and the next job can run', async (body) => {
      const uri = (await container()).uri();
      await withEmulator(promptJobs, async (client) => {
        expect(outcome(await createJob(client, body))).toEqual([400, 'ArgumentInvalid']);
        expect(await finishedJob(client, { type: 'export', outputBlobContainerUri: uri })).toMatchObject({
          status: 'completed',
        });
      });
    });

    test('a job with an unusable container is refused at once, without its SAS signature in the error', async () => {
      const good = await container();
      const noSuchContainer = good.uri().replace(/jobs-[0-9a-f-]+/, 'jobs-none');
      const wrongSignature = good
        .uri()
        .replace(/sig=[^&]+/, `sig=${encodeURIComponent(Buffer.alloc(32).toString('base64'))}`);
      await withEmulator(promptJobs, async (client) => {
        for (const uri of [
          good.uri('r'),
          good.uri('rw'),
          good.uri('w'),
          noSuchContainer,
          wrongSignature,
          'c',
          'https://h',
        ]) {
          const reply = await createJob(client, { type: 'export', outputBlobContainerUri: uri });
          expect([uri, ...outcome(reply)]).toEqual([uri, 400, 'BlobContainerValidationError']);
          expect(reply.body).toMatchObject({
            Message: expect.stringContaining('Message: Unauthorized to write to output blob container.'),
          });
          expect(JSON.stringify([reply.body, reply.headers])).not.toContain('sig=');
        }
        const uris = { inputBlobContainerUri: good.uri('w'), outputBlobContainerUri: good.uri() };
        expect(outcome(await createJob(client, { type: 'import', ...uris }))[1]).toBe('BlobContainerValidationError');
        expect((await client.send('GET', '/jobs')).body).toEqual([]);
      });
    });

    test('a missing job gets a 404 JobNotFound', async () => {
      await withEmulator({}, async (client) => {
        expect(outcome(await client.send('GET', '/jobs/none'))).toEqual([404, 'JobNotFound']);
      });
    });
  });

  describe('behaviour', () => {
    test('a second concurrent job gets a 403 JobQuotaExceeded with the text of a live hub', async () => {
      const body = { type: 'export', outputBlobContainerUri: (await container()).uri() };
      const clock = new FakeClock();
      await withEmulator({ clock }, async (client) => {
        const replies = await Promise.all([createJob(client, body), createJob(client, body)]);
        expect(replies.map(({ status }) => status).sort()).toEqual([200, 403]);
        const refused = replies.find(({ status }) => status === 403);
        expect(refused?.headers['iothub-errorcode']).toBe('JobQuotaExceeded');
        expect(refused?.body).toEqual({
          Message: expect.stringMatching(
            /^ErrorCode:JobQuotaExceeded;Error: 403 ErrorCode: JobQuotaExceeded\nMessage: Job quota has been exceeded\nTimestamp: [\d/]{10} [\d:]{8}\nTracking ID: $/,
          ),
          ExceptionMessage: '',
        });
        await runToEnd(client, clock);
        expect((await createJob(client, body)).status).toBe(200);
      });
    });

    test('a job can be cancelled while it waits or runs, and then the next can start', async () => {
      const uri = (await container()).uri();
      await withEmulator({ jobEnqueuedMs: 0, jobRunningMs: 3_600_000 }, async (client) => {
        const start = async () =>
          (await createJob(client, { type: 'export', outputBlobContainerUri: uri })).body as Job;
        const first = await start();
        await jobWhen(client, first.jobId, (job) => job.status === 'running');
        const cancelled = await client.send('DELETE', `/jobs/${first.jobId}`);
        expect(cancelled).toMatchObject({ status: 200, body: { status: 'cancelled' } });
        expect(await jobWhen(client, first.jobId, isOver)).toMatchObject({ status: 'cancelled', progress: 0 });
        const second = await start();
        expect(second.status).toBe('enqueued');
        expect((await client.send('GET', '/jobs')).body).toMatchObject([
          { jobId: second.jobId },
          { jobId: first.jobId },
        ]);
      });
    });

    test('cancelling an ended or missing job gets a 500, as on one live hub', async () => {
      const uri = (await container()).uri();
      await withEmulator(promptJobs, async (client) => {
        const { jobId } = await finishedJob(client, { type: 'export', outputBlobContainerUri: uri });
        for (const id of [jobId, 'none']) expect((await client.send('DELETE', `/jobs/${id}`)).status).toBe(500);
        expect((await client.send('GET', `/jobs/${jobId}`)).body).toMatchObject({ status: 'completed' });
      });
    });

    test('a job whose blob was deleted ends as failed, with a reason without SAS signature', async () => {
      const uri = (await container()).uri();
      await withEmulator(promptJobs, async (client) => {
        const uris = { inputBlobContainerUri: uri, outputBlobContainerUri: uri };
        const job = await finishedJob(client, { type: 'import', ...uris });
        expect(job).toMatchObject({ status: 'failed', failureReason: 'Blob storage refused: 404 BlobNotFound' });
      });
    });

    test('jobs require the registry rights under SAS', async () => {
      await withEmulator({}, async (client, emulator) => {
        const authorization = sasToken(emulator.connectionStringOf('registryRead'));
        expect((await client.send('GET', '/jobs', { authorization })).status).toBe(200);
        expect((await createJob(client, { type: 'export' }, { authorization })).status).toBe(401);
      });
    });
  });
});

async function runToEnd(client: HubClient, clock: FakeClock): Promise<void> {
  const endsAtMs = Date.now() + 300_000;
  const isRunning = async () => ((await client.send('GET', '/jobs')).body as Job[]).some((job) => !isOver(job));
  while ((await isRunning()) && Date.now() < endsAtMs) await clock.advance(500);
  expect(await isRunning()).toBe(false);
}

const withAddress = (body: unknown, uri: string): unknown =>
  JSON.parse(JSON.stringify(body), (name, value) => (name.endsWith('BlobContainerUri') ? uri : value));

const withoutIds = (body: unknown, uri: string): unknown =>
  JSON.parse(JSON.stringify(body), (name, value) => {
    if (name === 'jobId') return 'job 1234567';
    return value === uri ? 'Sanitized' : value;
  });
