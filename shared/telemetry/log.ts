import type { LogFields } from './records.ts';
import type { Telemetry } from './telemetry.ts';

/** Messages are constant texts, and the values are in fields, so that log lines can be searched and counted by message. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** The logging methods of the Azure Functions `InvocationContext`. */
export interface LogSink {
  info(...args: unknown[]): void;
  warn(...args: unknown[]): void;
  error(...args: unknown[]): void;
}

/** Returns a log that writes each line to `sink`, with the fields as JSON after the message, and to `telemetry`. */
export function contextLog(sink: LogSink, telemetry: Telemetry): Log {
  const write = (level: keyof LogSink) => (message: string, fields?: LogFields) => {
    sink[level](fields === undefined ? message : `${message} ${JSON.stringify(fields)}`);
    telemetry.log(level, message, fields);
  };
  return { info: write('info'), warn: write('warn'), error: write('error') };
}

/** Returns what may be logged of an error: name, code and status. Never the message: that of an SDK can contain a token. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  return {
    error: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof statusCode === 'number' ? { status: statusCode } : {}),
  };
}
