import { parseArgs } from 'node:util';

export const usage = 'npm start -- [--once] [--devices N] [--verbose]';

const mostDevices = 100_000;

export interface StartOptions {
  /** End after the demonstration instead of staying up. */
  once: boolean;
  /** How many devices the hub begins with. */
  devices: number;
  /** Show every line of the host and the app. */
  verbose: boolean;
}

/** The command line says something that `npm start` does not know; the message says what. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Reads the arguments of `npm start`. @throws UsageError */
export function readStartOptions(args: string[]): StartOptions {
  const { once, verbose, devices: written } = parse(args);
  const devices = /^\d{1,6}$/.test(written) ? Number(written) : 0;
  if (devices < 1 || devices > mostDevices) {
    throw new UsageError(`--devices must be a whole number from 1 to ${mostDevices}.`);
  }
  return { once, verbose, devices };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        once: { type: 'boolean', default: false },
        devices: { type: 'string', default: '500' },
        verbose: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    // Node's codes of what `parseArgs` does not understand, such as ERR_PARSE_ARGS_UNKNOWN_OPTION.
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('ERR_PARSE_ARGS_')) throw new UsageError(message);
    throw error;
  }
}
