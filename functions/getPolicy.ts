import { app } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { policyView } from '../shared/http/policyView.ts';

/** Responds with the policy in force, its source, and the problems of `policy.json`. The `ETag` is that of `policy.json`. */
export const getPolicy = httpHandler(async (_request, log) => {
  const { policies } = await appHost().app();
  const standing = await policies.freshStanding(log);
  const etag = standing.etag ?? (await policies.storedEtag());
  return answer(policyView(standing, etag), { headers: etag === undefined ? {} : { etag } });
});

app.http('getPolicy', { methods: ['GET'], route: 'policy', authLevel: 'function', handler: getPolicy });
