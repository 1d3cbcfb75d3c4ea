import { expect } from '@jest/globals';
import type { HubClient, Reply, Sending } from '../hubClient.ts';

/** A client of one emulator, or the hub under test. */
type Sender = Pick<HubClient, 'send'>;

/** A job as the service writes it. */
export interface Job {
  jobId: string;
  type: string;
  status: string;
  progress: number;
  startTimeUtc: string;
  endTimeUtc?: string;
  failureReason?: string;
}

/** Only a hang exceeds it. */
const deadlineMs = 300_000;
const pollMs = 10;

export const createJob = (client: Sender, body: object, sending: Sending = {}): Promise<Reply> =>
  client.send('POST', '/jobs/create', { ...sending, body });

/** Polls a job until `isThere`; throws after a time limit. */
export async function jobWhen(
  client: Sender,
  jobId: string,
  isThere: (job: Job) => boolean,
  everyMs = pollMs,
): Promise<Job> {
  const endsAtMs = Date.now() + deadlineMs;
  for (;;) {
    const job = (await client.send('GET', `/jobs/${jobId}`)).body as Job;
    if (isThere(job)) return job;
    if (Date.now() > endsAtMs) throw new Error(`The job is still ${JSON.stringify(job)}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

export const isOver = (job: Job): boolean => !['enqueued', 'running'].includes(job.status);

/** Starts a job that must be accepted, and returns it when it has ended. */
export async function finishedJob(client: HubClient, body: object): Promise<Job> {
  const reply = await createJob(client, body);
  expect([reply.status, reply.body]).toEqual([200, expect.objectContaining({ status: 'enqueued' })]);
  return jobWhen(client, (reply.body as Job).jobId, isOver);
}

/** Options of an emulator whose jobs have no delays. */
export const promptJobs = { jobEnqueuedMs: 0, jobRunningMs: 0 };
