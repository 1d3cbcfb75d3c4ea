import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';

/**
 * Responds whether the settings are valid. Anybody may call it, so it makes no call to a hub and returns no secret and no
 * hub name, which is a public address. `degraded`: some hubs are out of service, and the others are served.
 */
export const health = httpHandler(async () => {
  const { configResult, unknownHubEvents } = appHost();
  if (!configResult.ok) return answer({ status: 'misconfigured', problems: configResult.problems }, { status: 503 });
  const { hubs, outOfService, warnings } = configResult.config;
  return answer({
    status: outOfService.length === 0 ? 'ok' : 'degraded',
    hubs: hubs.length,
    paused: hubs.filter(({ paused }) => paused).length,
    ...(outOfService.length === 0
      ? {}
      : { outOfService: outOfService.length, problems: outOfService.flatMap(({ problems }) => problems) }),
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(unknownHubEvents === 0 ? {} : { unknownHubEvents }),
  });
});

app.http('health', { methods: ['GET'], route: 'health', authLevel: 'anonymous', handler: health });
