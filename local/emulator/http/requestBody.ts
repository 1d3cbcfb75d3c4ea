import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { argumentInvalid, bodyTooLarge } from '../wire/refusals.ts';

/**
 * Reads a request's body as JSON. Rejects with a 413 refusal if it is larger than `maxBytes` (the rest is not read),
 * with a 400 refusal if it is not JSON in UTF-8.
 */
export async function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  return parseJson(await readBytes(request, maxBytes));
}

/** Uses events: leaving a `for await` loop early would close the connection before the response is sent. */
function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else {
        request.pause();
        reject(bodyTooLarge(maxBytes));
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', reject);
  });
}

function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw argumentInvalid('The body is not UTF-8');
  try {
    return JSON.parse(bytes.toString());
  } catch (error) {
    if (error instanceof SyntaxError) throw argumentInvalid('The body is not JSON');
    throw error;
  }
}
