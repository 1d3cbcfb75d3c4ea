import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Azurite {
  /** Explicit form, with the well-known account, its published key, and both endpoints. */
  connectionString: string;
  /** Ends the process; everything stored is gone. Safe to call twice. */
  close(): Promise<void>;
}

export interface AzuriteOptions {
  /** How long the start may take before it counts as failed; loading Azurite takes 1-2 s on a slow machine. */
  startTimeoutMs?: number;
}

/**
 * The emulator account that every storage SDK and emulator knows; published, hence no secret
 * (https://learn.microsoft.com/azure/storage/common/storage-use-azurite, "Well-known storage account and key").
 */
const account = 'devstoreaccount1';
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/**
 * Starts the real Azurite, blob and queue only, in memory, on free loopback ports, in a child process that cannot
 * outlive this one. Resolves once both services listen. It sends no telemetry and writes no file.
 * @throws Error with what Azurite printed, if it ends or stays silent instead of listening.
 */
export async function startAzurite({ startTimeoutMs = 30_000 }: AzuriteOptions = {}): Promise<Azurite> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'azuriteProcess.ts')], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Type stripping warns once per process on Node 22; nothing here is for the reader of our own output.
    env: { ...process.env, NODE_OPTIONS: '', NODE_NO_WARNINGS: '1', AZURITE_DB: undefined },
  });
  const exited = once(child, 'exit');
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4000);
  });
  child.stdin.on('error', () => undefined); // the child went first; `exited` tells
  const close = async (): Promise<void> => {
    child.stdin.destroy();
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await exited;
  };
  const timer = setTimeout(() => void close(), startTimeoutMs);
  try {
    const [line] = (await Promise.race([
      once(createInterface({ input: child.stdout }), 'line'),
      exited.then(() => [undefined]),
    ])) as [string | undefined];
    if (line === undefined) throw new Error(`Azurite did not start. It printed: ${complaint || '(nothing)'}`);
    const address = JSON.parse(line) as { blob: string; queue: string };
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
