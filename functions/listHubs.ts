import { app } from '@azure/functions';
import type { HubState } from '../shared/api/statusSchemas.ts';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { readHubList } from '../shared/status/readStatus.ts';

/** Responds with the state of each hub: coverage, runs, pending devices, and what its work waits for. Makes no call to a hub. */
export const listHubs = httpHandler(async (_request, log) =>
  answer<{ hubs: HubState[] }>(await readHubList({ ...(await appHost().app()), log })),
);

app.http('listHubs', { methods: ['GET'], route: 'hubs', authLevel: 'function', handler: listHubs });
