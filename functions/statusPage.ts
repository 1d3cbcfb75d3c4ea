import { app } from '@azure/functions';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { statusPageResponse } from '../shared/http/statusPageResponse.ts';

/**
 * Responds with the status page, which contains no data and no name. The route needs no key: a browser that opens an address can
 * send a key only in that address, which the history and the logs of proxies keep. The page asks for the key instead.
 */
export const statusPage = httpHandler(() => statusPageResponse());

app.http('statusPage', { methods: ['GET'], route: 'status/page', authLevel: 'anonymous', handler: statusPage });
