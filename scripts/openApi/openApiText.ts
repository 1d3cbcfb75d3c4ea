import { readFile } from 'node:fs/promises';
import { type ApiServer, openApiDocument } from '../../shared/api/openApiDocument.ts';

export const openApiFile = 'docs/openapi.json';

const servers: ApiServer[] = [
  {
    url: 'https://{app}.azurewebsites.net/api',
    variables: { app: { default: 'my-keeper', description: 'Name of the function app.' } },
  },
  { url: 'http://127.0.0.1:7071/api', description: 'What `npm start` runs; needs no key.' },
];

/** The description of the HTTP API as docs/openapi.json has it: what `GET /api/openapi.json` returns, for any app. */
export async function openApiText(): Promise<string> {
  const { version } = JSON.parse(await readFile('package.json', 'utf8'));
  return `${JSON.stringify(openApiDocument(version, servers), null, 2)}\n`;
}
