import { app } from '@azure/functions';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { statusPageResponse } from '../shared/http/statusPageResponse.ts';

/**
 * Responds with the page of the status. Anybody may load it, since it holds no data and no name: a browser that opens an address can
 * send a key only in that address, where the history and the logs of proxies keep it. The page asks for the key instead.
 */
export const statusPage = httpHandler(() => statusPageResponse());

app.http('statusPage', { methods: ['GET'], route: 'status/page', authLevel: 'anonymous', handler: statusPage });
