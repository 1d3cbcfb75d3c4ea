import type { LogCategory, LogLevel } from './coreTypes.ts';

/** One line of the host's log. */
export interface HostLogLine {
  /** ISO 8601, UTC. */
  time: string;
  level: LogLevel;
  /** `user`: the app's own. `system`: the library's. `host`: this stand-in's. */
  category: LogCategory | 'host';
  message: string;
  functionName?: string;
  invocationId?: string;
}

/** The invocation that a line belongs to. */
export interface LogScope {
  functionName: string;
  invocationId: string;
  /** What the app's `log` hooks get to see of it, once there is one; never part of a line. */
  invocationContext?: unknown;
  /** The operation that the host has begun for it; never part of a line either. */
  traceId?: string;
  spanId?: string;
}

export type WriteLog = (level: LogLevel, category: HostLogLine['category'], message: string, scope?: LogScope) => void;

/** Writes each line as one JSON object to standard error. */
export function writeLineToStandardError(line: HostLogLine): void {
  process.stderr.write(`${JSON.stringify(line)}\n`);
}

/** What an error says, for a log; the stack for those that are not the app's own words only. */
export function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
