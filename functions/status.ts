import { app } from '@azure/functions';
import type { Status } from '../shared/api/statusSchemas.ts';
import { appHost } from '../shared/app.ts';
import { acceptedType } from '../shared/http/acceptedType.ts';
import { answer } from '../shared/http/answer.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { statusPageResponse } from '../shared/http/statusPageResponse.ts';
import { readStatus } from '../shared/status/readStatus.ts';

const vary = { vary: 'accept' };

/**
 * Responds with the state of the app and of each hub, with its last runs. Makes no call to a hub. A browser (`Accept: text/html`)
 * gets the status page, which contains no data.
 */
export const status = httpHandler(async (request, log) => {
  if (acceptedType(request, ['application/json', 'text/html']) === 'text/html') return statusPageResponse(vary);
  return answer<Status>(await readStatus({ ...(await appHost().app()), log }), { headers: vary });
});

app.http('status', { methods: ['GET'], route: 'status', authLevel: 'function', handler: status });
