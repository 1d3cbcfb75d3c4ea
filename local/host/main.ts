/*
 * The stand-in for the Functions host as a command:
 *   node local/host/main.ts --app dist/index.js [--port 7071] [--address 127.0.0.1] [--settings local.settings.json]
 *     [--host-json host.json] [--until-stdin-ends]
 * Prints one JSON line on standard output when every trigger listens; logs JSON lines on standard error.
 */
import { parseArgs } from 'node:util';
import { portProblem } from '../portProblem.ts';
import { readLocalSettings, withoutOverridden } from './appSettings.ts';
import { HostConfigurationError } from './hostError.ts';
import { type Host, startHost } from './startHost.ts';

/** The port of Core Tools. */
const defaultPort = '7071';

const helpText = `Stand-in for the Functions host: node local/host/main.ts --app FILE [options]

  --app FILE          entry of the app: dist/index.js, or functions/index.ts without a build
  --settings FILE     local.settings.json; environment variables override its Values
  --port N            port to listen on (${defaultPort}; 0: any free port)
  --address A         address to listen on (127.0.0.1)
  --host-json FILE    host.json (the one in the current folder)
  --until-stdin-ends  end with the standard input
  --help

Prints one line of JSON when every trigger listens; logs JSON lines on standard error. docs/localHost.md says more.
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      app: { type: 'string' },
      port: { type: 'string', default: defaultPort },
      address: { type: 'string', default: '127.0.0.1' },
      settings: { type: 'string' },
      'host-json': { type: 'string' },
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
  const fileSettings = values.settings === undefined ? {} : await readLocalSettings(values.settings);
  const host = await startHost({
    app: values.app,
    port,
    address: values.address,
    settings: withoutOverridden(fileSettings, process.env),
    ...(values['host-json'] === undefined ? {} : { hostJson: values['host-json'] }),
    // In Azure the worker restarts; here the parent process decides.
    onFunctionTimeout: () => process.exit(1),
  });
  endOnSignal(host, values['until-stdin-ends']);
  process.stdout.write(`${JSON.stringify({ ready: true, url: host.url, functions: host.functions })}\n`);
}

function endOnSignal(host: Host, untilStdinEnds: boolean): void {
  const end = (): void => {
    void host.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  if (untilStdinEnds) process.stdin.on('end', end).on('error', end).resume();
}

main().catch((error: unknown) => {
  const known = error instanceof HostConfigurationError || (error as { code?: unknown })?.code !== undefined;
  const text = known ? (error as Error).message : ((error as Error)?.stack ?? String(error));
  process.stderr.write(`${portProblem(error, '--port') ?? text}\n`);
  process.exit(1);
});
