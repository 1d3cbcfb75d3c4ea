import { parseArgs } from 'node:util';

const maxDevices = 100_000;
const maxPort = 65_535;
/** Preferred ports: of Core Tools, and of the emulator. */
export const preferredPorts = { host: 7071, hub: 8443 };

/** What `npm start -- --help` prints. */
export const helpText = `The whole app on this machine, without Azure: npm start -- [options]

  --once          end after the demonstration, with exit code 0 only if every selected device has its module;
                  the last line is JSON
  --devices N     number of devices on the hub at the start, 1 to ${maxDevices} (500)
  --verbose       print every line of the host and the app
  --port N        port of the Functions host (${preferredPorts.host}, or a free one if it is taken; 0: any free port)
  --hub-port N    port of the IoT hub (${preferredPorts.hub}, or a free one if it is taken; 0: any free port)
  --app FILE      entry of the app (dist/index.js, which is built first)
  --help
`;

/** The options of `npm start`. */
export interface StartOptions {
  /** Exit after the demonstration. */
  once: boolean;
  /** Number of devices on the hub at the start. */
  devices: number;
  /** Show every line of the host and the app. */
  verbose: boolean;
  /** Port of the Functions host; `undefined`: the preferred one, or a free one if it is taken. */
  port: number | undefined;
  /** Port of the hub, likewise. */
  hubPort: number | undefined;
  /** Path of the app's entry; `undefined`: the deployed bundle, built first. */
  app: string | undefined;
}

/** The command line is invalid; the message says why. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Parses the arguments of `npm start`. Throws `UsageError`. */
export function readStartOptions(args: string[]): StartOptions | 'help' {
  const { help, once, verbose, devices, app, port, 'hub-port': hubPort } = parse(args);
  if (help) return 'help';
  return {
    once,
    verbose,
    devices: wholeNumber('--devices', devices, 1, maxDevices),
    port: port === undefined ? undefined : wholeNumber('--port', port, 0, maxPort),
    hubPort: hubPort === undefined ? undefined : wholeNumber('--hub-port', hubPort, 0, maxPort),
    app,
  };
}

function wholeNumber(option: string, text: string, min: number, max: number): number {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new UsageError(`${option} must be a whole number from ${min} to ${max}.`);
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        help: { type: 'boolean', default: false },
        once: { type: 'boolean', default: false },
        devices: { type: 'string', default: '500' },
        verbose: { type: 'boolean', default: false },
        port: { type: 'string' },
        'hub-port': { type: 'string' },
        app: { type: 'string' },
      },
    }).values;
  } catch (error) {
    // `parseArgs` throws codes such as ERR_PARSE_ARGS_UNKNOWN_OPTION.
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('ERR_PARSE_ARGS_')) throw new UsageError(message);
    throw error;
  }
}
