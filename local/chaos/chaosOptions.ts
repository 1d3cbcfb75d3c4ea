import { parseArgs } from 'node:util';

export const usage =
  'npm run chaos -- [--seeds N] [--from S] [--kills K] [--devices D] [--units U] [--life MS] [--app FILE] [--verbose]';

export interface ChaosOptions {
  /** How many runs, each with a seed of its own. */
  seeds: number;
  /** The first seed; the others follow it. */
  from: number;
  /** Kills in each run; fewer if its sweep ends before. */
  kills: number;
  devices: number;
  /** S3 units of the hub, as the app is told too: with more of them a sweep is shorter. */
  units: number;
  /** How long a host lives at most before it is killed; the moment is drawn evenly. */
  lifeMs: number;
  /** Entry of the app; undefined builds the bundle that is deployed. */
  app: string | undefined;
  verbose: boolean;
}

/** The command line says something that `npm run chaos` does not know; the message says what. */
export class ChaosUsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ChaosUsageError';
  }
}

/** Reads the arguments of `npm run chaos`. Throws `ChaosUsageError`. */
export function readChaosOptions(args: string[]): ChaosOptions {
  const written = parse(args);
  return {
    seeds: wholeNumber('seeds', written.seeds, 1, 10_000),
    from: wholeNumber('from', written.from, 0, 2 ** 31),
    kills: wholeNumber('kills', written.kills, 0, 1_000),
    devices: wholeNumber('devices', written.devices, 10, 100_000),
    units: wholeNumber('units', written.units, 1, 10),
    lifeMs: wholeNumber('life', written.life, 1, 60_000),
    app: written.app,
    verbose: written.verbose,
  };
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new ChaosUsageError(`--${name} must be a whole number from ${least} to ${most}.`);
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        seeds: { type: 'string', default: '1' },
        from: { type: 'string', default: '1' },
        kills: { type: 'string', default: '20' },
        devices: { type: 'string', default: '5000' },
        units: { type: 'string', default: '4' },
        life: { type: 'string', default: '3000' },
        app: { type: 'string' },
        verbose: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    // Node's codes of what `parseArgs` does not understand, such as ERR_PARSE_ARGS_UNKNOWN_OPTION.
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('ERR_PARSE_ARGS_')) throw new ChaosUsageError(message);
    throw error;
  }
}
