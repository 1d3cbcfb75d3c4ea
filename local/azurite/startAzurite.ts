import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { childEnvironment } from '../childEnvironment.ts';
import { UnusableFolderError } from './lockFolder.ts';

/** A running Azurite. */
export interface Azurite {
  /** Contains the well-known account, its published key, and both endpoints. */
  connectionString: string;
  /** Ends the process; without a folder its data is gone. Safe to call twice. */
  close(): Promise<void>;
}

export interface AzuriteOptions {
  /** Folder that keeps the data for the next start; made if it does not exist. Default: all data is in memory. */
  folder?: string;
  /** Time limit of the start. Default 5 minutes, which only a hang exceeds; loading Azurite usually takes 1 to 2 s. */
  startTimeoutMs?: number;
}

/**
 * The account of all storage emulators; its key is published, not a secret
 * (https://learn.microsoft.com/azure/storage/common/storage-use-azurite, "Well-known storage account and key").
 */
const account = 'devstoreaccount1';
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** How long `close` waits until all data is written to the folder; then it kills the process. */
const writeLimitMs = 10_000;

/**
 * Starts the real Azurite (blob and queue, on free loopback ports) in a child process that ends when this one ends. Resolves
 * when both services listen. Azurite sends no telemetry, and writes no file outside of `folder`. Rejects with an `Error` that
 * contains its output if it ends first or exceeds the time limit, and with `UnusableFolderError` if the folder cannot be used.
 */
export async function startAzurite({ folder, startTimeoutMs = 300_000 }: AzuriteOptions = {}): Promise<Azurite> {
  const place = folder === undefined ? [] : [resolve(folder)];
  const child = spawn(process.execPath, [join(import.meta.dirname, 'azuriteProcess.ts'), ...place], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Type stripping prints a warning in each process on Node 22.
    env: { ...childEnvironment(), NODE_NO_WARNINGS: '1' },
  });
  const exited = once(child, 'exit');
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4000);
  });
  child.stdin.on('error', () => undefined); // the child may end first; `exited` reports that
  const close = async (): Promise<void> => {
    child.stdin.destroy();
    if (folder === undefined) child.kill('SIGKILL');
    const force = setTimeout(() => child.kill('SIGKILL'), writeLimitMs);
    if (child.exitCode === null && child.signalCode === null) await exited;
    clearTimeout(force);
  };
  const timer = setTimeout(() => child.kill('SIGKILL'), startTimeoutMs);
  try {
    const [line] = (await Promise.race([
      once(createInterface({ input: child.stdout }), 'line'),
      exited.then(() => [undefined]),
    ])) as [string | undefined];
    if (line === undefined) throw new Error(`Azurite did not start. It printed: ${complaint || '(nothing)'}`);
    const address = JSON.parse(line) as { blob: string; queue: string } | { unusable: string };
    if ('unusable' in address) throw new UnusableFolderError(address.unusable);
    child.stdout.resume();
    return { connectionString: connectionString(address), close };
  } catch (error) {
    await close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function connectionString({ blob, queue }: { blob: string; queue: string }): string {
  return [
    'DefaultEndpointsProtocol=http',
    `AccountName=${account}`,
    `AccountKey=${accountKey}`,
    `BlobEndpoint=${blob}/${account}`,
    `QueueEndpoint=${queue}/${account}`,
    '',
  ].join(';');
}
