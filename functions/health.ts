import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';

/**
 * Responds whether the settings are valid. Anybody may call it, so it makes no call to a hub and returns no secret and no
 * hub name, which is a public address.
 */
export const health = httpHandler(async () => {
  const { configResult } = appHost();
  if (!configResult.ok) return { status: 503, jsonBody: { status: 'misconfigured', problems: configResult.problems } };
  const { hubs } = configResult.config;
  return { jsonBody: { status: 'ok', hubs: hubs.length, paused: hubs.filter(({ paused }) => paused).length } };
});

app.http('health', { methods: ['GET'], route: 'health', authLevel: 'anonymous', handler: health });
