import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';

/** Whether the app is fit to work, for anybody to see: nothing secret, and no call to a hub. */
export const health = answer(async () => {
  const { configResult } = appHost();
  if (!configResult.ok) return { status: 503, jsonBody: { status: 'misconfigured', problems: configResult.problems } };
  const hubs = configResult.config.hubs.map(({ name, paused }) => ({ hub: name, paused }));
  return { jsonBody: { status: 'ok', hubs } };
});

app.http('health', { methods: ['GET'], route: 'health', authLevel: 'anonymous', handler: health });
