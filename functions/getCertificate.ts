import { app } from '@azure/functions';
import type { Certificate } from '../shared/api/certificateSchema.ts';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';
import { readCertificate } from '../shared/http/certificate.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { hubOf } from '../shared/http/requestParts.ts';

/** Responds with dated evidence of a hub's coverage, from its last finished sweep. Makes no call to the hub. */
export const getCertificate = httpHandler(async (request, log) => {
  const services = await appHost().app();
  return answer<Certificate>(await readCertificate({ ...services, log }, hubOf(services, request.params.hub)));
});

app.http('getCertificate', {
  methods: ['GET'],
  route: 'hubs/{hub}/certificate',
  authLevel: 'function',
  handler: getCertificate,
});
