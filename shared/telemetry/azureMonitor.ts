import { AsyncLocalStorage } from 'node:async_hooks';
import type { TokenCredential } from '@azure/identity';
import {
  AzureMonitorLogExporter,
  AzureMonitorMetricExporter,
  AzureMonitorTraceExporter,
} from '@azure/monitor-opentelemetry-exporter';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { AzureMonitorOpenTelemetryOptions } from 'applicationinsights';
import { codeOf, type SendItems } from './exporter.ts';
import { type IngestionResponse, readResponse } from './readResponse.ts';
import type { TelemetryItem } from './records.ts';
import { linesOf, metricsOf, spansOf } from './toOpenTelemetry.ts';

type ExporterOptions = NonNullable<AzureMonitorOpenTelemetryOptions['azureMonitorExporterOptions']>;
type Policy = NonNullable<ExporterOptions['additionalPolicies']>[number]['policy'];

/** Time limit of one request to the ingestion endpoint. */
const requestLimitMs = 10_000;

/** Turns off the libraries' own telemetry: usage statistics (Statsbeat), and a metric with the resource attributes. */
const onlyOurTelemetry = {
  APPLICATION_INSIGHTS_NO_STATSBEAT: 'true',
  APPLICATIONINSIGHTS_OPENTELEMETRY_RESOURCE_METRIC_DISABLED: 'true',
};

/**
 * Returns a function that sends items with the exporters of `applicationinsights`. Load this file only when it is needed, since
 * loading takes 50 ms. The exporters report success even for items that they could not send, so the result is read from the HTTP
 * response. With `credential`, each request has a token. `env` is the environment of the process; two variables are set in it.
 */
export function azureMonitor(
  connectionString: string,
  credential: (() => Promise<TokenCredential>) | undefined,
  env: Record<string, string | undefined>,
): SendItems {
  Object.assign(env, onlyOurTelemetry); // the libraries have no other switches
  const responses = new AsyncLocalStorage<IngestionResponse>();
  const getToken = (scopes: string | string[]) =>
    orNoteError(responses, async () => (await credential?.())?.getToken(scopes) ?? null);
  const options: ExporterOptions = {
    connectionString,
    // No retries here: `Exporter` retries, adds up metrics in the meantime, and counts what is lost.
    disableOfflineStorage: true,
    retryOptions: { maxRetries: 0 },
    additionalPolicies: [{ position: 'perCall', policy: noteResponse(responses) }],
    ...(credential ? { credential: { getToken } } : {}),
  };
  const spans = new AzureMonitorTraceExporter(options);
  const lines = new AzureMonitorLogExporter(options);
  const metrics = new AzureMonitorMetricExporter(options);
  const resource = resourceFromAttributes({
    'service.name': env.WEBSITE_SITE_NAME ?? 'module-keeper',
    ...(env.WEBSITE_INSTANCE_ID ? { 'service.instance.id': env.WEBSITE_INSTANCE_ID } : {}),
  });

  async function send(items: readonly TelemetryItem[], sending: () => Promise<void>) {
    const response: IngestionResponse = items.length > 0 ? {} : { status: 200 };
    try {
      if (items.length > 0) await responses.run(response, sending);
      return { ...readResponse(items, response), retryAfterMs: response.retryAfterMs ?? 0 };
    } catch (error) {
      // Send only the items of this exporter again: the other exporters may have succeeded.
      return { again: items, refused: 0, why: codeOf(error), retryAfterMs: 0 };
    }
  }

  return async (items) => {
    const ofSpans = items.filter((item) => item.type === 'span');
    const ofLines = items.filter((item) => item.type === 'log');
    const points = items.filter((item) => item.type === 'metric');
    const parts = await Promise.all([
      send(ofSpans, () => spans.export(spansOf(ofSpans, resource), ignoreResult)),
      send(ofLines, () => lines.export(linesOf(ofLines, resource), ignoreResult)),
      send(points, () => metrics.export(metricsOf(points, resource), ignoreResult)),
    ]);
    return {
      again: parts.flatMap(({ again }) => again),
      refused: parts.reduce((sum, { refused }) => sum + refused, 0),
      why: parts.find(({ again, refused }) => again.length + refused > 0)?.why ?? 'accepted',
      retryAfterMs: Math.max(...parts.map(({ retryAfterMs }) => retryAfterMs)),
    };
  };
}

function ignoreResult(): void {}

/** Returns a policy of the HTTP pipeline that limits the time of each request, and stores the last response of an export. */
function noteResponse(responses: AsyncLocalStorage<IngestionResponse>): Policy {
  return {
    name: 'keeperNoteResponse',
    sendRequest: async (request, next) => {
      request.timeout = requestLimitMs;
      const response = await orNoteError(responses, () => next(request));
      const seconds = Number(response.headers.get('retry-after') ?? 'none');
      Object.assign(responses.getStore() ?? {}, {
        status: response.status,
        ...(response.status === 206 ? { body: response.bodyAsText ?? '' } : {}),
        ...(seconds > 0 ? { retryAfterMs: seconds * 1000 } : {}),
      } satisfies IngestionResponse);
      return response;
    },
  };
}

async function orNoteError<T>(responses: AsyncLocalStorage<IngestionResponse>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    Object.assign(responses.getStore() ?? {}, { error: codeOf(error) } satisfies IngestionResponse);
    throw error;
  }
}
