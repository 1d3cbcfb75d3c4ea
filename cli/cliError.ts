import { type ExitCode, exitCodes } from './exitCodes.ts';

/** Ends a command; the message, for people, says what to change. It holds no key. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  /** Whether the same call may succeed a little later, and after how long; undefined if not. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, exitCode: ExitCode, retryAfterMs?: number) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The command line or the environment is wrong. */
export const usageError = (message: string): CliError => new CliError(message, exitCodes.usage);
