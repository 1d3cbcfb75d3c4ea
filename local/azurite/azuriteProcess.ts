/*
 * The child process with Azurite's blob and queue servers. Stores data in the folder that is its argument; without an argument in
 * memory. It uses Azurite's server classes, since they accept port 0; Azurite's commands start one service or all three on given
 * ports. Prints one JSON line with the two addresses, or with the reason why the folder cannot be used. Ends when its standard
 * input ends, so that it never outlives its parent.
 */
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockFolder, UnusableFolderError } from './lockFolder.ts';

interface AzuriteServer {
  start(): Promise<void>;
  /** Writes the data that is not in the folder yet, and stops the server. */
  close(): Promise<void>;
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
function configuration(service: 'blob' | 'queue', folder: string | undefined): unknown[] {
  const places =
    folder === undefined
      ? [undefined, undefined, undefined]
      : [
          join(folder, `${service}.json`),
          join(folder, `${service}Extents.json`),
          [{ locationId: 'Default', locationPath: join(folder, service), maxConcurrency: 10 }],
        ];
  return [
    ...[host, 0, keepAliveSeconds, ...places, false, undefined, false, undefined],
    ...[false, true, undefined, undefined, undefined, undefined, true, folder === undefined],
  ];
}

async function main(folder: string | undefined): Promise<void> {
  const servers: AzuriteServer[] = [];
  let unlock: (() => Promise<void>) | undefined;
  let isEnding = false;
  const end = async (): Promise<void> => {
    if (isEnding) return;
    isEnding = true;
    // In memory there is nothing to keep.
    if (folder !== undefined) await Promise.all(servers.map((server) => server.close()));
    await unlock?.();
    process.exit(0);
  };
  process.stdin.on('end', () => end().catch(fail)).on('error', () => end().catch(fail));
  process.stdin.resume();
  // Ctrl+C reaches the whole process group; the host still needs its storage until the parent has closed it.
  process.on('SIGINT', () => undefined);
  if (folder !== undefined) unlock = await lockFolder(folder);
  AzuriteTelemetryClient.init(unusedLocation, false, undefined);
  const blob = new BlobServer(new BlobConfiguration(...configuration('blob', folder)));
  const queue = new QueueServer(new QueueConfiguration(...configuration('queue', folder)));
  servers.push(blob, queue);
  await Promise.all([blob.start(), queue.start()]);
  process.stdout.write(
    `${JSON.stringify({ blob: blob.getHttpServerAddress(), queue: queue.getHttpServerAddress() })}\n`,
  );
}

function fail(error: unknown): void {
  if (error instanceof UnusableFolderError) {
    process.stdout.write(`${JSON.stringify({ unusable: error.message })}\n`, () => process.exit(1));
    return;
  }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}

main(process.argv[2]).catch(fail);
