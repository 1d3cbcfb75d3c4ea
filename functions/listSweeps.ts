import { app } from '@azure/functions';
import { sweepsQuery } from '../shared/api/queries.ts';
import type { RunPage } from '../shared/api/runSchemas.ts';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { addressOf, hubOf } from '../shared/http/requestParts.ts';
import { queryOf } from '../shared/http/requestRules.ts';
import { readRunPage } from '../shared/status/runPage.ts';

const defaultLimit = 50;

/**
 * Responds with a page of the runs of one hub or of all hubs, newest first. If there are more, `continuation` in the body is the
 * query parameter for the next page, and the header `Link` is its address.
 */
export const listSweeps = httpHandler(
  async (request, log) => {
    const services = await appHost().app();
    const { hub, continuation: after, limit } = queryOf(request, sweepsQuery);
    const names = hub === undefined ? [...services.hubs.keys()] : [hubOf(services, hub).hub.name];
    const page = await readRunPage({ ...services, log }, names, { after, limit: Number(limit ?? defaultLimit) });
    if (page.continuation === undefined) return answer<RunPage>(page);
    const next = new URLSearchParams({
      ...(hub === undefined ? {} : { hub }),
      ...(limit === undefined ? {} : { limit }),
      continuation: page.continuation,
    });
    return answer<RunPage>(page, { headers: { link: `<${addressOf(request)}?${next}>; rel="next"` } });
  },
  { query: sweepsQuery },
);

app.http('listSweeps', { methods: ['GET'], route: 'sweeps', authLevel: 'function', handler: listSweeps });
