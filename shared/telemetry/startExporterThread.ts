import { Worker } from 'node:worker_threads';
import type { TokenCredential } from '@azure/identity';
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

/** What of the environment the exporter's libraries read to say where they run; no other setting reaches the thread. */
const passedOn =
  /^(WEBSITE_(SITE_NAME|INSTANCE_ID|HOSTNAME|HOME_STAMPNAME|OWNER_NAME|RESOURCE_GROUP|SLOT_NAME)|REGION_NAME|FUNCTIONS_(WORKER_RUNTIME|EXTENSION_VERSION)|(HTTPS?|ALL|NO)_PROXY)$/i;

/**
 * The settings with which the libraries send nothing but what they are given: no statistics on themselves (the names are
 * Microsoft's own), and no look-up of remote feature flags, which has no setting: a proxy that does not
 * exist stands in the way of every host but the ingestion endpoint, unless the app has a proxy of its own.
 */
function environmentOf(env: NodeJS.ProcessEnv, connectionString: string): Record<string, string> {
  const passed = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => passedOn.test(entry[0]) && entry[1] !== undefined),
  );
  const hasProxy = Object.keys(passed).some((name) => /^(https?|all)_proxy$/i.test(name));
  const ingestion = /IngestionEndpoint=([^;]+)/i.exec(connectionString)?.[1] ?? 'https://dc.services.visualstudio.com';
  return {
    // Without these two the libraries ask the network what kind of machine this is.
    WEBSITE_SITE_NAME: 'module-keeper',
    FUNCTIONS_EXTENSION_VERSION: '~4',
    ...passed,
    APPLICATION_INSIGHTS_NO_STATSBEAT: 'true',
    APPLICATIONINSIGHTS_STATSBEAT_DISABLED: 'true',
    APPLICATIONINSIGHTS_SDKSTATS_DISABLED: 'true',
    APPLICATIONINSIGHTS_OPENTELEMETRY_RESOURCE_METRIC_DISABLED: 'true',
    ...(hasProxy ? {} : { HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: new URL(ingestion.trim()).hostname }),
  };
}

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
    env: environmentOf(process.env, settings.connectionString),
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
