import { app } from '@azure/functions';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { statusPageResponse } from '../shared/http/statusPageResponse.ts';

/**
 * Responds with the status page. The route needs no key, and the page contains no data and no name. With a key, a browser would
 * have to send it in the address, which the history and the logs of proxies keep. The page asks for the key instead.
 */
export const statusPage = httpHandler(() => statusPageResponse());

app.http('statusPage', { methods: ['GET'], route: 'status/page', authLevel: 'anonymous', handler: statusPage });
