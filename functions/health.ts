import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';

/**
 * Whether the app is fit to work, for anybody to see: no call to a hub, nothing secret, and no hub's name, since that is
 * its public address.
 */
export const health = answer(async () => {
  const { configResult } = appHost();
  if (!configResult.ok) return { status: 503, jsonBody: { status: 'misconfigured', problems: configResult.problems } };
  const { hubs } = configResult.config;
  return { jsonBody: { status: 'ok', hubs: hubs.length, paused: hubs.filter(({ paused }) => paused).length } };
});

app.http('health', { methods: ['GET'], route: 'health', authLevel: 'anonymous', handler: health });
