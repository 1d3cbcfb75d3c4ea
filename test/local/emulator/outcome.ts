import type { Reply } from './hubClient.ts';

/** What a caller may key on: the status and the name of the error. */
export const outcome = (reply: Reply) => [reply.status, reply.headers['iothub-errorcode']];
