import { app } from '@azure/functions';
import type { Status } from '../shared/api/statusSchemas.ts';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { readStatus } from '../shared/status/readStatus.ts';

/** Responds with all that the app knows of itself and its hubs, with their last runs. Makes no call to a hub. */
export const status = httpHandler(async (_request, log) =>
  answer<Status>(await readStatus({ ...(await appHost().app()), log })),
);

app.http('status', { methods: ['GET'], route: 'status', authLevel: 'function', handler: status });
