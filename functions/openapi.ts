import { createHash } from 'node:crypto';
import { app } from '@azure/functions';
import { readAppVersion } from '../shared/appFiles.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { addressOf } from '../shared/http/requestParts.ts';

/**
 * Responds with the OpenAPI description of the HTTP API, with this app as its server. The route needs a key, because a caller
 * without a key cannot use the API, and the description would tell a stranger what runs here. Works with invalid settings too.
 */
export const openapi = httpHandler(async (request) => {
  // Loaded late, because no other function needs the schemas of responses.
  const { openApiDocument } = await import('../shared/api/openApiDocument.ts');
  const api = addressOf(request).replace(/\/openapi\.json$/i, '');
  const body = JSON.stringify(openApiDocument(readAppVersion(process.env) ?? 'unknown', [{ url: api }]));
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
  // The document changes only with a deployment and contains no data of a hub, so a cache may keep it, but must revalidate it.
  const headers = { etag, 'cache-control': 'private, no-cache' };
  const known = (request.headers.get('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (known.includes(etag) || known.includes('*')) return { status: 304, headers };
  return { headers: { ...headers, 'content-type': 'application/json' }, body };
});

app.http('openapi', { methods: ['GET'], route: 'openapi.json', authLevel: 'function', handler: openapi });
