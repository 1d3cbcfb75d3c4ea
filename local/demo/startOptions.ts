import { parseArgs } from 'node:util';

export const usage = 'npm start -- [--once] [--devices N] [--verbose]';

const maxDevices = 100_000;

/** The options of `npm start`. */
export interface StartOptions {
  /** Exit after the demonstration. */
  once: boolean;
  /** Number of devices on the hub at the start. */
  devices: number;
  /** Show every line of the host and the app. */
  verbose: boolean;
}

/** The command line is invalid; the message says why. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Parses the arguments of `npm start`. Throws `UsageError`. */
export function readStartOptions(args: string[]): StartOptions {
  const { once, verbose, devices: text } = parse(args);
  const devices = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (devices < 1 || devices > maxDevices) {
    throw new UsageError(`--devices must be a whole number from 1 to ${maxDevices}.`);
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
    // `parseArgs` throws codes such as ERR_PARSE_ARGS_UNKNOWN_OPTION.
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('ERR_PARSE_ARGS_')) throw new UsageError(message);
    throw error;
  }
}
