import { parseArgs } from 'node:util';

/** What `npm run chaos -- --help` prints. */
export const helpText = `Kills the app with kill -9 in the middle of a sweep, again and again, and checks the hub at the end:
npm run chaos -- [options]

  --seeds N       number of runs, each with its own seed (1)
  --from S        the first seed (1)
  --kills K       kills in each run, fewer if its sweep ends earlier (20)
  --devices D     devices on the hub (5000)
  --units U       S3 units of the hub; with more units a sweep is shorter (4)
  --life MS       longest time in milliseconds until the next kill (3000)
  --instances N   instances of the app, which are killed at the same moment (1)
  --takeover      measure instead how long no worker works on a hub after a kill
  --app FILE      entry of the app (the deployed bundle, which is built first)
  --verbose       print every line of the host and the app
  --help

The last line is one JSON object; the exit code is 1 if a check failed. docs/chaos.md says more.
`;

/** The options of `npm run chaos`. */
export interface ChaosOptions {
  /** Number of runs, each with its own seed. */
  seeds: number;
  /** The first seed; the next ones are consecutive. */
  from: number;
  /** Kills in each run; fewer if its sweep ends earlier. */
  kills: number;
  devices: number;
  /** S3 units of the hub and of the app's settings; a sweep is shorter with more units. */
  units: number;
  /** Longest time until the hosts are killed; drawn uniformly. */
  lifeMs: number;
  /** Instances of the app. A kill ends all of them, as a deployment with the strategy `Recreate` does. */
  instances: number;
  /** Path of the app's entry. Default: the deployed bundle, built first. */
  app: string | undefined;
  /** Instead of the runs: measures how long a hub is without work after a kill, with real leases. */
  takeover: boolean;
  verbose: boolean;
}

/** The command line is invalid; the message says why. */
export class ChaosUsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ChaosUsageError';
  }
}

/** Parses the arguments of `npm run chaos`. Throws `ChaosUsageError`. */
export function readChaosOptions(args: string[]): ChaosOptions | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  return {
    seeds: wholeNumber('seeds', values.seeds, 1, 10_000),
    from: wholeNumber('from', values.from, 0, 2 ** 31),
    kills: wholeNumber('kills', values.kills, 0, 1_000),
    devices: wholeNumber('devices', values.devices, 10, 100_000),
    units: wholeNumber('units', values.units, 1, 10),
    lifeMs: wholeNumber('life', values.life, 1, 60_000),
    instances: wholeNumber('instances', values.instances, 1, 8),
    app: values.app,
    takeover: values.takeover,
    verbose: values.verbose,
  };
}

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new ChaosUsageError(`--${name} must be a whole number from ${min} to ${max}.`);
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
        instances: { type: 'string', default: '1' },
        app: { type: 'string' },
        help: { type: 'boolean', default: false },
        takeover: { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    // `parseArgs` throws codes such as ERR_PARSE_ARGS_UNKNOWN_OPTION.
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('ERR_PARSE_ARGS_')) throw new ChaosUsageError(message);
    throw error;
  }
}
