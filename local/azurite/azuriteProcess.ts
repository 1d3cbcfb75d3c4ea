/*
 * The child process that holds Azurite's blob and queue servers. Azurite's own commands start either one service or
 * all three, and take ports that somebody else may have; its server classes take port 0 and no table service.
 * Prints one JSON line with the two addresses. Lives exactly as long as its standard input: when the parent goes,
 * however it goes, the pipe ends and so does this process.
 */
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';

interface AzuriteServer {
  start(): Promise<void>;
  getHttpServerAddress(): string;
}

const require = createRequire(import.meta.url);
const { BlobServerFactory } = require('azurite/dist/src/blob/BlobServerFactory.js') as {
  BlobServerFactory: new () => { createServer(environment: unknown): Promise<AzuriteServer> };
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
/** Azurite asks for a location even when it keeps everything in memory; nothing is written there. */
const unusedLocation = tmpdir();

const environment = {
  blobHost: () => host,
  blobPort: () => 0,
  blobKeepAliveTimeout: () => keepAliveSeconds,
  location: async () => unusedLocation,
  debug: async () => undefined,
  silent: () => true,
  loose: () => false,
  // The storage SDKs may be newer than Azurite; the operations used here have been the same for years.
  skipApiVersionCheck: () => true,
  cert: () => undefined,
  key: () => undefined,
  pwd: () => undefined,
  oauth: () => undefined,
  disableProductStyleUrl: () => true,
  inMemoryPersistence: () => true,
  extentMemoryLimit: () => undefined,
  disableTelemetry: () => true,
};

async function main(): Promise<void> {
  process.stdin.on('end', () => process.exit(0)).on('error', () => process.exit(0));
  process.stdin.resume();
  AzuriteTelemetryClient.init(unusedLocation, false, environment);
  const blob = await new BlobServerFactory().createServer(environment);
  const queue = new QueueServer(
    // Positional in Azurite 3.35: host, port, keep alive, metadata path, extent path, persistence, access log and its
    // stream, debug log and its file, loose, skip the version check, cert, key, pwd, oauth, no product URLs, in memory.
    new QueueConfiguration(
      ...[host, 0, keepAliveSeconds, undefined, undefined, undefined, false, undefined, false, undefined],
      ...[false, true, undefined, undefined, undefined, undefined, true, true],
    ),
  );
  await Promise.all([blob.start(), queue.start()]);
  process.stdout.write(
    `${JSON.stringify({ blob: blob.getHttpServerAddress(), queue: queue.getHttpServerAddress() })}\n`,
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
