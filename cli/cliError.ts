import { type ExitCode, exitCodes } from './exitCodes.ts';

/** Ends a command; the message, for people, says what to change. It holds no key. */
export class CliError extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

/** The command line or the environment is wrong. */
export const usageError = (message: string): CliError => new CliError(message, exitCodes.usage);
