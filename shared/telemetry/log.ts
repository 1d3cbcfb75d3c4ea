import type { Telemetry } from './telemetry.ts';

/** Facts beside a log line's message. Never a key, a token or a connection string. */
export type LogFields = Record<string, string | number | boolean | null | undefined>;

/** Takes a constant message and its fields, so that lines can be counted and searched by message. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** What an Azure Functions `InvocationContext` offers for logging. */
export interface LogSink {
  info(...args: unknown[]): void;
  warn(...args: unknown[]): void;
  error(...args: unknown[]): void;
}

/** Writes one line an entry, the message and its fields as JSON, and the same to `telemetry` with fields as fields. */
export function contextLog(sink: LogSink, telemetry: Telemetry): Log {
  const write = (level: keyof LogSink) => (message: string, fields?: LogFields) => {
    sink[level](fields === undefined ? message : `${message} ${JSON.stringify(fields)}`);
    telemetry.log(level, message, fields);
  };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}

/** What may be said of an error from outside our own code: SDK errors can hold a request with its token. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  return {
    error: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof statusCode === 'number' ? { status: statusCode } : {}),
  };
}
