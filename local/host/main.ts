/*
 * The stand-in for the Functions host as a command:
 *   node local/host/main.ts --app dist/index.js [--port 7071] [--address 127.0.0.1] [--settings local.settings.json]
 *     [--host-json host.json] [--with-keys] [--drain-ms 10000] [--until-stdin-ends]
 * Prints one JSON line on standard output when every trigger listens; logs JSON lines on standard error.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { portProblem } from '../portProblem.ts';
import { readLocalSettings, withoutOverridden } from './appSettings.ts';
import { HostConfigurationError } from './hostError.ts';
import { hostKeys } from './hostKeys.ts';
import { type Host, startHost } from './startHost.ts';

/** The port of Core Tools. */
const defaultPort = '7071';
/** With `--with-keys`: the secret from which the keys are derived, for a host that must have the same keys after a restart. */
const keySecretVariable = 'LOCAL_HOST_KEY_SECRET';

const helpText = `Stand-in for the Functions host: node local/host/main.ts --app FILE [options]

  --app FILE          entry of the app: dist/index.js, or functions/index.ts without a build
  --settings FILE     local.settings.json; environment variables override its Values
  --port N            port to listen on (${defaultPort}; 0: any free port)
  --address A         address to listen on (127.0.0.1)
  --host-json FILE    host.json (the one in the current folder)
  --with-keys         require keys; the ready line contains them
  --drain-ms N        how long an end waits for running functions before the app's appTerminate hooks run (10000)
  --until-stdin-ends  end with the standard input
  --help

Prints one line of JSON when every trigger listens; logs JSON lines on standard error. Ctrl+C ends it. docs/localHost.md says more.
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      app: { type: 'string' },
      port: { type: 'string', default: defaultPort },
      address: { type: 'string', default: '127.0.0.1' },
      settings: { type: 'string' },
      'host-json': { type: 'string' },
      'with-keys': { type: 'boolean', default: false },
      'drain-ms': { type: 'string', default: '10000' },
      // Ends the host when its parent process ends, even after a crash.
      'until-stdin-ends': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(helpText);
    return;
  }
  if (values.app === undefined) throw new HostConfigurationError('Name the app to run: --app dist/index.js');
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new HostConfigurationError(`--port ${values.port} is not a port; use 0 (any free port) to 65535.`);
  }
  const drainMs = Number(values['drain-ms']);
  if (!Number.isInteger(drainMs) || drainMs < 0) {
    throw new HostConfigurationError(`--drain-ms ${values['drain-ms']} is not a number of milliseconds from 0 up.`);
  }
  const keySecret = values['with-keys'] ? takeKeySecret() : undefined;
  const fileSettings = values.settings === undefined ? {} : await readLocalSettings(values.settings);
  const host = await startHost({
    app: values.app,
    port,
    address: values.address,
    settings: withoutOverridden(fileSettings, process.env),
    ...(values['host-json'] === undefined ? {} : { hostJson: values['host-json'] }),
    drainMs,
    ...(keySecret === undefined ? {} : { keySecret }),
    // In Azure a new worker starts; here the parent process decides.
    onFunctionTimeout: () => process.exit(1),
  });
  endOnSignal(host, values['until-stdin-ends']);
  const keys = keySecret === undefined ? {} : { keys: keysToPrint(keySecret, host.functions) };
  // Prints keys on purpose: clients read them from the ready line, and they open only this host.
  process.stdout.write(`${JSON.stringify({ ready: true, url: host.url, functions: host.functions, ...keys })}\n`);
}

/** The secret from the environment, else a new one. Removes it from the environment, so that the app cannot read it. */
function takeKeySecret(): string {
  const { [keySecretVariable]: secret = randomBytes(32).toString('base64url') } = process.env;
  delete process.env[keySecretVariable];
  return secret;
}

function keysToPrint(secret: string, functions: readonly string[]): object {
  const { master, host, eventGrid, mcp, ofFunction } = hostKeys(secret);
  return {
    master,
    host,
    eventGrid,
    mcp,
    functions: Object.fromEntries(functions.map((name) => [name, ofFunction(name)])),
  };
}

function endOnSignal(host: Host, untilStdinEnds: boolean): void {
  const end = (): void => {
    host.close().then(() => process.exit(0), fail);
  };
  // Measured: SIGTERM does nothing (azure-functions-host issue 8879).
  process.on('SIGTERM', () => process.stderr.write('SIGTERM is ignored, as by the Functions host; SIGINT ends it.\n'));
  process.on('SIGINT', end);
  if (untilStdinEnds) process.stdin.on('end', end).on('error', end).resume();
}

main().catch(fail);

function fail(error: unknown): void {
  const known = error instanceof HostConfigurationError || (error as { code?: unknown })?.code !== undefined;
  const text = known ? (error as Error).message : ((error as Error)?.stack ?? String(error));
  process.stderr.write(`${portProblem(error, '--port') ?? text}\n`);
  process.exit(1);
}
