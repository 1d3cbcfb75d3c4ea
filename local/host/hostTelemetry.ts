import { request } from 'node:https';
import type { HostSettings } from './hostJson.ts';
import type { HostLogLine, LogScope } from './hostLog.ts';
import type { InvocationRecord } from './invoker.ts';
import type { WorkerApp } from './workerApp.ts';

/** The host's own telemetry for Application Insights. */
export interface HostTelemetry {
  recordRequest(invocation: InvocationRecord): void;
  recordLine(line: HostLogLine, scope: LogScope | undefined): void;
  /** Resolves when everything recorded so far is sent or has failed. */
  flush(): Promise<void>;
}

const severities: Record<string, string> = { error: 'Error', critical: 'Critical', warning: 'Warning' };
const sendLimitMs = 1_000;

/**
 * The host's own telemetry in OpenTelemetry mode (Azure/azure-functions-host, OpenTelemetryConfigurationExtensions.cs):
 * a request for every invocation, and the app's log lines unless the app declares that it sends them itself
 * (`WorkerOpenTelemetryEnabled`). Undefined without that mode or without a connection string. Only items that host and
 * app could both send are emulated, not the host's own lines, metrics and dependencies. Each item is sent at once.
 */
export function hostTelemetry(
  { isOpenTelemetry }: HostSettings,
  environment: Readonly<Record<string, string | undefined>>,
  app: WorkerApp,
): HostTelemetry | undefined {
  const connectionString = environment.APPLICATIONINSIGHTS_CONNECTION_STRING ?? '';
  const [, instrumentationKey] = /InstrumentationKey=([^;]+)/i.exec(connectionString) ?? [];
  const [, endpoint] = /IngestionEndpoint=([^;]+)/i.exec(connectionString) ?? [];
  if (!isOpenTelemetry || !instrumentationKey || !endpoint) return undefined;
  const sending = new Set<Promise<void>>();

  function send(item: { name: string; time: string; operationId: string; parentId?: string; data: object }): void {
    const { name, time, operationId, parentId, data } = item;
    const tags = {
      'ai.cloud.role': environment.WEBSITE_SITE_NAME ?? 'module-keeper',
      'ai.operation.id': operationId,
      ...(parentId === undefined ? {} : { 'ai.operation.parentId': parentId }),
    };
    const envelope = { name: `Microsoft.ApplicationInsights.${name}`, time, iKey: instrumentationKey, tags, data };
    const sent = post(new URL('/v2.1/track', endpoint), JSON.stringify(envelope)).finally(() => sending.delete(sent));
    sending.add(sent);
  }

  return {
    recordRequest: ({ functionName, traceId, spanId, startedAtMs, durationMs, succeeded }) => {
      const duration = new Date(durationMs).toISOString().slice(11, -1);
      const baseData = { ver: 2, id: spanId, name: functionName, duration, success: succeeded, responseCode: '0' };
      send({
        name: 'Request',
        time: new Date(startedAtMs).toISOString(),
        operationId: traceId,
        data: { baseType: 'RequestData', baseData },
      });
    },
    recordLine: ({ category, level, message, time }, scope) => {
      if (category !== 'user' || !scope?.traceId || !scope.spanId) return;
      if (app.capabilities.WorkerOpenTelemetryEnabled?.toLowerCase() === 'true') return;
      const baseData = { ver: 2, message, severityLevel: severities[level] ?? 'Information', properties: {} };
      const data = { baseType: 'MessageData', baseData };
      send({ name: 'Message', time, operationId: scope.traceId, parentId: scope.spanId, data });
    },
    flush: async () => {
      await Promise.all(sending);
    },
  };
}

/** Never rejects: a telemetry failure must not fail anything else. */
function post(url: URL, body: string): Promise<void> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = request(url, { method: 'POST', headers, timeout: sendLimitMs }, (response) => {
      response.resume().on('close', resolve);
    });
    sent.on('timeout', () => sent.destroy());
    sent.on('error', () => resolve());
    sent.end(body);
  });
}
