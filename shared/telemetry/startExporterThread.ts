import { Worker } from 'node:worker_threads';
import type { TokenCredential } from '@azure/identity';
import { exporterEnvironment } from './exporterEnvironment.ts';
import type { ExporterCommand, ExporterEvent, ExporterSettings } from './exporterMessages.ts';

/** The exporter thread, as the rest of the app uses it. */
export interface ExporterThread {
  send(command: ExporterCommand): void;
}

/** Receives the messages of the thread. */
export interface ThreadOwner {
  onEvent(event: ExporterEvent): void;
  /** Called once, when the thread has ended; with an error if it failed. */
  onEnd(error: Error | undefined): void;
}

/** A thread that needs more memory ends; the process does not. */
const memoryLimitMb = 192;

/** Starts `exporterThread.cts` in a thread. The thread does not prevent the process from ending. */
export function startExporterThread(
  settings: ExporterSettings,
  owner: ThreadOwner,
  credential: () => Promise<TokenCredential>,
): ExporterThread {
  // In the source it is beside this file, in the deployed app beside the bundle.
  const file = import.meta.url.endsWith('.ts') ? './exporterThread.cts' : './exporterThread.js';
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: settings,
    env: exporterEnvironment(process.env, settings.connectionString),
    resourceLimits: { maxOldGenerationSizeMb: memoryLimitMb },
    // The libraries write failures to the console; the app logs them itself (`sending`).
    stdout: true,
    stderr: true,
  });
  worker.stdout.resume();
  worker.stderr.resume();
  worker.unref();
  const send = (command: ExporterCommand) => worker.postMessage(command);
  let failure: Error | undefined;
  worker.on('error', (error: Error) => {
    failure = error;
  });
  worker.on('exit', () => owner.onEnd(failure));
  worker.on('message', (message: ExporterEvent) => {
    if (message.event !== 'wantsToken') return owner.onEvent(message);
    void tokenFor(credential, message.scopes).then((token) => send({ command: 'useToken', id: message.id, token }));
  });
  return { send };
}

/** Returns a token for the identity of the app; undefined if there is none: the endpoint then responds 401, which is logged. */
async function tokenFor(credential: () => Promise<TokenCredential>, scopes: string | string[]) {
  try {
    const { token, expiresOnTimestamp } = (await (await credential()).getToken(scopes)) ?? {};
    return token === undefined || expiresOnTimestamp === undefined ? undefined : { token, expiresOnTimestamp };
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
