import { parseArgs } from 'node:util';

const defaultSettingsFile = 'local.settings.json';
const defaultFolder = '.module-keeper';
const maxPort = 65_535;
/** The port of Core Tools. */
export const preferredPort = 7071;

/** What `npm run host -- --help` prints. */
export const helpText = `The app on this machine, against your own hubs: npm run host -- [options]

  --dry-run         change nothing: make one dry run of each hub, print what a sweep would do, and end
  --yes             start without a question; needed where the input is no terminal
  --settings FILE   local.settings.json (${defaultSettingsFile}, if it is there); environment variables override its Values
  --storage DIR     folder of the embedded storage account (${defaultFolder}); used if AzureWebJobsStorage is not set, or is
                    UseDevelopmentStorage=true
  --port N          port of the HTTP API on 127.0.0.1 (${preferredPort}, or a free one if it is taken; 0: any free port)
  --verbose         print every line of the host and the app
  --app FILE        entry of the app (dist/index.js, which is built first)
  --help

It prints the hubs, their size, the policy and the budget, and asks before it starts. It prints no key.

Exit code: 0 ended by Ctrl+C, or the dry runs are done; 1 the settings, a hub, the app or a dry run failed; 2 the command line is
wrong, or the start was not confirmed; 130 ended by Ctrl+C before the app ran.
`;

/** The options of `npm run host`. */
export interface HostCommand {
  dryRun: boolean;
  yes: boolean;
  verbose: boolean;
  settingsFile: { path: string; isRequired: boolean };
  /** Folder of the embedded storage account. */
  storageFolder: string;
  /** `undefined`: the preferred port, or a free one if it is taken. */
  port: number | undefined;
  /** `undefined`: the deployed bundle, built first. */
  app: string | undefined;
}

/** The command line is invalid; the message says why. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Parses the arguments of `npm run host`. Throws `UsageError`. */
export function readHostCommand(args: string[]): HostCommand | 'help' {
  const { help, yes, verbose, settings, storage, port, app, 'dry-run': dryRun } = parse(args);
  if (help) return 'help';
  return {
    ...{ dryRun, yes, verbose, app },
    settingsFile: { path: settings ?? defaultSettingsFile, isRequired: settings !== undefined },
    storageFolder: storage ?? defaultFolder,
    port: port === undefined ? undefined : readPort(port),
  };
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= maxPort) return port;
  throw new UsageError(`--port must be a whole number from 0 to ${maxPort}.`);
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        help: { type: 'boolean', default: false },
        'dry-run': { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
        settings: { type: 'string' },
        storage: { type: 'string' },
        port: { type: 'string' },
        app: { type: 'string' },
      },
    }).values;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code?.startsWith('ERR_PARSE_ARGS_')) throw error;
    // Node's text quotes the argument, which may be a connection string in the wrong place.
    const named = /'(--?[a-z-]{1,40})/.exec(message)?.[1];
    throw new UsageError(named ? `${named} is unknown here or lacks its value.` : 'The arguments cannot be read.');
  }
}
