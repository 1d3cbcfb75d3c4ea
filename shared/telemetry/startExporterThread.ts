import { Worker } from 'node:worker_threads';
import type { TokenCredential } from '@azure/identity';
import { exporterEnvironment } from './exporterEnvironment.ts';
import type { ExporterNews, ExporterOrder, ExporterSettings } from './exporterMessages.ts';

/** The exporter's thread, as the rest of the app sees it. */
export interface ExporterThread {
  send(order: ExporterOrder): void;
}

export interface ThreadOwner {
  onNews(news: ExporterNews): void;
  /** Called once, when the thread is no more, however it ended. */
  onEnd(error: Error | undefined): void;
}

/** Whatever the exporter does, it costs the app no more than this; it then ends alone, and not the process. */
const memoryLimitMb = 192;

/** Starts the thread of `exporterThread.cts`; it never keeps the process from ending. */
export function startExporterThread(
  settings: ExporterSettings,
  owner: ThreadOwner,
  credential: () => Promise<TokenCredential>,
): ExporterThread {
  // It stands beside this file: as source, and as a file of its own beside the bundle.
  const file = import.meta.url.endsWith('.ts') ? './exporterThread.cts' : './exporterThread.js';
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: settings,
    env: exporterEnvironment(process.env, settings.connectionString),
    resourceLimits: { maxOldGenerationSizeMb: memoryLimitMb },
    // The libraries write to the console what we tell in our own words (`sending`).
    stdout: true,
    stderr: true,
  });
  worker.stdout.resume();
  worker.stderr.resume();
  worker.unref();
  const send = (order: ExporterOrder) => worker.postMessage(order);
  let failure: Error | undefined;
  worker.on('error', (error: Error) => {
    failure = error;
  });
  worker.on('exit', () => owner.onEnd(failure));
  worker.on('message', (news: ExporterNews) => {
    if (news.news !== 'wantsToken') return owner.onNews(news);
    void tokenFor(credential, news.scopes).then((token) => send({ order: 'useToken', id: news.id, token }));
  });
  return { send };
}

/** By the identity of the app; undefined where there is no token to be had, which the endpoint's 401 will tell. */
async function tokenFor(credential: () => Promise<TokenCredential>, scopes: string | string[]) {
  try {
    const { token, expiresOnTimestamp } = (await (await credential()).getToken(scopes)) ?? {};
    return token === undefined || expiresOnTimestamp === undefined ? undefined : { token, expiresOnTimestamp };
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
