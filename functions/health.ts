import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';
import { healthOfPolicy } from '../shared/http/healthOfPolicy.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';

/**
 * Responds whether the settings and `policy.json` are valid. The route needs no key, so the function makes no call to a hub,
 * reads storage at most once a minute, and returns no secret and no hub name (a hub name is part of a public address).
 * `degraded`: some hubs are out of service and the others are served, or `policy.json` is invalid and the policy before it
 * stays in force. 503: the app can serve no hub.
 */
export const health = httpHandler(async (_request, log) => {
  const { configResult, unknownHubEvents } = appHost();
  if (!configResult.ok) return answer({ status: 'misconfigured', problems: configResult.problems }, { status: 503 });
  const { hubs, outOfService, warnings } = configResult.config;
  const { policies } = await appHost().app();
  const policy = await healthOfPolicy(policies, log);
  const problems = [...outOfService.flatMap((hub) => hub.problems), ...policy.problems];
  if (policy.failure !== undefined) return answer({ status: policy.failure, problems }, { status: 503 });
  return answer({
    status: problems.length === 0 ? 'ok' : 'degraded',
    hubs: hubs.length,
    paused: hubs.filter(({ paused }) => paused).length,
    ...policy.shown,
    ...(outOfService.length === 0 ? {} : { outOfService: outOfService.length }),
    ...(problems.length === 0 ? {} : { problems }),
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(unknownHubEvents === 0 ? {} : { unknownHubEvents }),
  });
});

app.http('health', { methods: ['GET'], route: 'health', authLevel: 'anonymous', handler: health });
