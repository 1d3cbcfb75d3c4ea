import { request } from 'node:https';
import type { ChildServer } from '../emulator/childServer.ts';

/** Calls an administration path of the emulator, which a real hub does not have. Rejects if the status is not 200. */
export function adminCall(
  { port, ca }: Pick<ChildServer, 'port' | 'ca'>,
  method: string,
  subject: string,
  body?: object,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const path = `/%24emulator/${subject}`;
    const outgoing = request({ host: 'localhost', port, ca, method, path, agent: false }, (response) => {
      response
        .setEncoding('utf8')
        .toArray()
        .then((chunks) => {
          const text = chunks.join('');
          if (response.statusCode !== 200) throw new Error(`${method} ${subject}: ${response.statusCode} ${text}`);
          resolve(JSON.parse(text));
        })
        .catch(reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
