import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeCertificate } from '../../local/emulator/http/certificate.ts';

/**
 * The peer of the benchmark, a program: a plain HTTPS server that reads each body and returns as many constant bytes as
 * the path says (`POST /1234`). It shows the cost of HTTP alone.
 */
async function main(): Promise<void> {
  const certificate = await makeCertificate();
  const server = createServer({ key: certificate.key, cert: certificate.certificate }, (request, response) => {
    request.on('end', () => {
      const size = Number(request.url?.slice(1));
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': size });
      response.end(Buffer.alloc(size, 'x'));
    });
    request.resume();
  });
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`${JSON.stringify({ ready: true, hostName: `localhost:${port}`, ca: certificate.caFile })}\n`);
  });
  process.once('SIGTERM', () => {
    server.close();
    server.closeAllConnections();
    certificate.remove().catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
  });
}

await main();
