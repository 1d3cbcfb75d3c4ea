import type { LogCategory, LogLevel } from './coreTypes.ts';

/** One line of the host's log. */
export interface HostLogLine {
  /** ISO 8601, UTC. */
  time: string;
  level: LogLevel;
  /** Who wrote the line: `user` the app, `system` the library, `host` this stand-in. */
  category: LogCategory | 'host';
  message: string;
  functionName?: string;
  invocationId?: string;
}

/** The invocation that a line belongs to. */
export interface LogScope {
  functionName: string;
  invocationId: string;
  /** The library's context of the invocation, for the app's `log` hooks; never part of a line. Undefined until it exists. */
  invocationContext?: unknown;
  /** The trace operation that the host started for the invocation; never part of a line. */
  traceId?: string;
  spanId?: string;
}

/** Writes one line to the host's log. */
export type WriteLog = (level: LogLevel, category: HostLogLine['category'], message: string, scope?: LogScope) => void;

/** Writes each line as one JSON object to standard error. */
export function writeLineToStandardError(line: HostLogLine): void {
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

/** An error as text for a log: its stack if it has one. */
export function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
