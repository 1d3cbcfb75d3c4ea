import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';
import { runOf } from '../shared/http/requestParts.ts';
import { failuresPath } from '../shared/run/run.ts';

/** One JSON line for each device and spec that is failed or blocked; no line if there is none. */
export const getFailures = answer(async (request) => {
  const services = await appHost().app();
  const { hub, runId, checkpoint } = await runOf(services, request);
  const text = (await services.documents.readText(failuresPath(hub, runId))) ?? '';
  // What is behind that was written by a worker that died before it could count it.
  const body = Buffer.from(text).subarray(0, checkpoint.failureBytes).toString('utf8');
  return { headers: { 'content-type': 'application/x-ndjson' }, body };
});

app.http('getFailures', {
  methods: ['GET'],
  route: 'sweeps/{hub}/{runId}/failures',
  authLevel: 'function',
  handler: getFailures,
});
