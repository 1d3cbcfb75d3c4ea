import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { HostConfigurationError } from './hostError.ts';

/** `extensions.queues` of host.json. */
export interface QueueSettings {
  batchSize: number;
  newBatchThreshold: number;
  maxDequeueCount: number;
  /** Time between a failed run and the next one of the same message. */
  visibilityTimeoutMs: number;
  maxPollingIntervalMs: number;
  messageEncoding: 'base64' | 'none';
}

/** `extensions.eventHubs` of host.json. */
export interface EventHubSettings {
  /** The most events of one run of a function with `cardinality: 'many'`. */
  maxEventBatchSize: number;
}

/** `extensions.mcp` of host.json: how the MCP endpoint describes itself to its clients. */
export interface McpSettings {
  serverName: string;
  serverVersion: string;
  instructions?: string | undefined;
}

/** `singleton` of host.json, as far as timers use it. */
export interface TimerLockSettings {
  /** `listenerLockPeriod`: length of the lease that lets one instance run a timer. */
  leaseMs: number;
  /** `listenerLockRecoveryPollingInterval`: time between two attempts to get that lease. */
  retryMs: number;
}

/** The part of host.json that the stand-in uses. */
export interface HostSettings {
  routePrefix: string;
  /** `undefined`: unlimited. */
  functionTimeoutMs: number | undefined;
  queues: QueueSettings;
  eventHubs: EventHubSettings;
  mcp: McpSettings;
  timerLock: TimerLockSettings;
  /** Whether the host sends its own telemetry in OpenTelemetry mode. */
  isOpenTelemetry: boolean;
}

const timeSpan = z.string().transform((text, context) => {
  const ms = timeSpanToMs(text);
  if (ms !== undefined) return ms;
  context.addIssue(`"${text}" is not a time span; write hh:mm:ss`);
  return z.NEVER;
});

/**
 * Defaults: https://learn.microsoft.com/azure/azure-functions/functions-host-json and
 * .../functions-bindings-storage-queue#host-json. The host polls at least every two seconds on a developer's machine
 * (every minute in Azure). The default timeout of all plans but the old Consumption plan is 30 minutes.
 */
const schema = z.object({
  version: z.literal('2.0').optional(),
  telemetryMode: z.literal('OpenTelemetry').optional(),
  functionTimeout: z.union([z.literal('-1').transform(() => null), timeSpan]).default(30 * 60_000),
  singleton: z
    .object({
      listenerLockPeriod: timeSpan.default(60_000).refine((ms) => ms >= 15_000 && ms <= 60_000, 'must be 15 to 60 s'),
      listenerLockRecoveryPollingInterval: timeSpan.default(60_000),
    })
    .prefault({}),
  extensions: z
    .object({
      http: z.object({ routePrefix: z.string().default('api') }).default({ routePrefix: 'api' }),
      mcp: z
        .object({
          serverName: z.string().default('Azure Functions MCP server'),
          serverVersion: z.string().default('1.0.0'),
          instructions: z.string().optional(),
        })
        .prefault({}),
      eventHubs: z.object({ maxEventBatchSize: z.int().min(1).default(100) }).prefault({}),
      queues: z
        .object({
          batchSize: z.int().min(1).max(32).default(16),
          newBatchThreshold: z.int().min(0).optional(),
          maxDequeueCount: z.int().min(1).default(5),
          visibilityTimeout: timeSpan.default(0),
          maxPollingInterval: timeSpan.default(2_000),
          messageEncoding: z.enum(['base64', 'none']).default('base64'),
        })
        .prefault({}),
    })
    .prefault({}),
});

/** Parses the text of a host.json. Throws `HostConfigurationError` that names every invalid field and what it needs. */
export function parseHostJson(text: string): HostSettings {
  const parsed = schema.safeParse(parseJson(text, 'host.json'));
  if (!parsed.success) {
    throw new HostConfigurationError(`host.json cannot be used. ${z.prettifyError(parsed.error)}`);
  }
  const { functionTimeout, extensions, telemetryMode, singleton } = parsed.data;
  const { visibilityTimeout, maxPollingInterval, newBatchThreshold, ...queues } = extensions.queues;
  return {
    routePrefix: extensions.http.routePrefix,
    isOpenTelemetry: telemetryMode === 'OpenTelemetry',
    functionTimeoutMs: functionTimeout ?? undefined,
    timerLock: { leaseMs: singleton.listenerLockPeriod, retryMs: singleton.listenerLockRecoveryPollingInterval },
    eventHubs: extensions.eventHubs,
    mcp: extensions.mcp,
    queues: {
      ...queues,
      newBatchThreshold: newBatchThreshold ?? Math.floor(queues.batchSize / 2),
      visibilityTimeoutMs: visibilityTimeout,
      maxPollingIntervalMs: maxPollingInterval,
    },
  };
}

/**
 * Reads host.json. Without a path: the one in the current folder, or the host's defaults if there is none. Rejects with
 * `HostConfigurationError` if a named file is missing or the content is invalid.
 */
export async function readHostJson(path?: string): Promise<HostSettings> {
  try {
    return parseHostJson(await readFile(path ?? 'host.json', 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    if (path !== undefined) throw new HostConfigurationError(`There is no host.json at "${path}".`);
    return parseHostJson('{}');
  }
}

/** Parses JSON. Throws `HostConfigurationError` that names the file and quotes nothing of its content. */
function parseJson(text: string, fileName: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new HostConfigurationError(`${fileName} is not valid JSON.`);
    throw error;
  }
}

/**
 * Parses a .NET time span as in host.json, `[d.]hh:mm:ss[.fffffff]`, to milliseconds; `undefined` if it is not one
 * (https://learn.microsoft.com/dotnet/api/system.timespan.parse).
 */
export function timeSpanToMs(text: string): number | undefined {
  const match = /^(?:(\d+)\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,7}))?)?$/.exec(text);
  if (!match) return undefined;
  const [, days = '0', hours = '0', minutes = '0', seconds = '0', fraction = '0'] = match;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const wholeSeconds = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  return Math.round((wholeSeconds + Number(`0.${fraction}`)) * 1000);
}
