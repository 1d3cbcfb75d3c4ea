/*
 * The child process with Azurite's blob and queue servers. It uses Azurite's server classes, since they accept port 0,
 * while its commands start one service or all three on given ports. Prints one JSON line with the two addresses. Ends
 * with its standard input, so that it never outlives its parent.
 */
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';

interface AzuriteServer {
  start(): Promise<void>;
  getHttpServerAddress(): string;
}

const require = createRequire(import.meta.url);
// Not through `BlobServerFactory`, which loads the clients of SQL databases too.
const { default: BlobConfiguration } = require('azurite/dist/src/blob/BlobConfiguration.js') as {
  default: new (...positional: unknown[]) => unknown;
};
const { default: BlobServer } = require('azurite/dist/src/blob/BlobServer.js') as {
  default: new (configuration: unknown) => AzuriteServer;
};
const { default: QueueConfiguration } = require('azurite/dist/src/queue/QueueConfiguration.js') as {
  default: new (...positional: unknown[]) => unknown;
};
const { default: QueueServer } = require('azurite/dist/src/queue/QueueServer.js') as {
  default: new (configuration: unknown) => AzuriteServer;
};
const { AzuriteTelemetryClient } = require('azurite/dist/src/common/Telemetry.js') as {
  AzuriteTelemetryClient: { init(location: string, enabled: boolean, environment: unknown): void };
};

const host = '127.0.0.1';
const keepAliveSeconds = 5;
/** Azurite requires a location even if it stores everything in memory; it writes nothing there. */
const unusedLocation = tmpdir();

/**
 * Positional arguments of both configurations in Azurite 3.35: host, port, keep alive, metadata path, extent path, persistence,
 * access log and its stream, debug log and its file, loose, skip version check, cert, key, pwd, oauth, no product URLs, in memory.
 * The storage SDKs may be newer than Azurite; the operations used here have not changed for years.
 */
const configuration = [
  ...[host, 0, keepAliveSeconds, undefined, undefined, undefined, false, undefined, false, undefined],
  ...[false, true, undefined, undefined, undefined, undefined, true, true],
];

async function main(): Promise<void> {
  process.stdin.on('end', () => process.exit(0)).on('error', () => process.exit(0));
  process.stdin.resume();
  // Ctrl+C reaches the whole process group; the host still needs its storage until the parent has closed it.
  process.on('SIGINT', () => undefined);
  AzuriteTelemetryClient.init(unusedLocation, false, undefined);
  const blob = new BlobServer(new BlobConfiguration(...configuration));
  const queue = new QueueServer(new QueueConfiguration(...configuration));
  await Promise.all([blob.start(), queue.start()]);
  process.stdout.write(
    `${JSON.stringify({ blob: blob.getHttpServerAddress(), queue: queue.getHttpServerAddress() })}\n`,
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
