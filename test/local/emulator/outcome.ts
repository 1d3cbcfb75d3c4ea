import type { Reply } from './hubClient.ts';

/** Status and error name of a response, on which callers may rely. */
export const outcome = (reply: Reply) => [reply.status, reply.headers['iothub-errorcode']];
