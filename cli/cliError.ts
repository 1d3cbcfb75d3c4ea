import { type ExitCode, exitCodes } from './exitCodes.ts';

/** Ends a command; the message, for people, says what to change. It holds no key. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  /** After how long the same call may succeed; undefined if it cannot. */
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
