import { bundle } from '../scripts/bundle.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { type Coverage, readCoverage } from './demo/coverage.ts';
import { showCreatedDevices } from './demo/createdDevices.ts';
import { showEvent, showHttp, showSweep } from './demo/demoSteps.ts';
import { freePort } from './demo/freePort.ts';
import { Screen } from './demo/screen.ts';
import { helpText, preferredPorts, readStartOptions, type StartOptions, UsageError } from './demo/startOptions.ts';
import { callThisMachineDirectly } from './directCalls.ts';
import { seedDevices } from './emulator/state/seedDevices.ts';
import { HostConfigurationError } from './host/hostError.ts';
import { HostStartError } from './host/hostProcess.ts';
import { hubClient } from './hubClient.ts';
import { hubToken } from './hubToken.ts';
import { portProblem } from './portProblem.ts';

const moduleId = 'DefenderIotMicroAgent';
const hubName = 'contoso';
/** How long the token in the printed command is valid. */
const tokenLifeSeconds = 24 * 3600;
/** Exit codes by signal: 128 and its number, as shells have it. */
const signalCodes = { SIGINT: 130, SIGTERM: 143 };

/** Runs the demonstration; returns the coverage of the hub at the end. */
async function show(cloud: Cloud, app: string, screen: Screen): Promise<Coverage & { created: number }> {
  const { emulator, host, storageConnectionString } = cloud;
  screen.line(`   IoT hub        https://${emulator.hostName} (${hubName}, tier S3), CA ${emulator.caFile}`);
  screen.line(`   storage        ${/BlobEndpoint=([^;]+)/.exec(storageConnectionString)?.[1]} (Azurite)`);
  screen.line(`   Functions      ${host.url} (${host.functions.length} functions of ${app})`);
  if (host.functions.length === 0)
    throw new HostConfigurationError('The app could not be loaded; the error above says why.');
  screen.line('   Event Grid     delivers DeviceCreated to the function deviceCreated');
  const client = await hubClient(emulator.connectionString, emulator.caFile);
  const context = { screen, client, hub: emulator.hub, hubName, moduleId, url: host.url };
  try {
    const before = readCoverage(emulator.hub, moduleId);
    screen.line(
      `   The hub has ${before.devices} devices; ${before.withModule} of ${before.selected} selected ones have ${moduleId}.`,
    );

    screen.step(2, 'Event: a device is created');
    await showEvent(context, newDeviceId(cloud, 1));

    screen.step(3, 'HTTP: one device by hand');
    await showHttp(context, deviceByHand(cloud));

    screen.step(4, 'Nightly sweep: every device of the hub');
    await showSweep(context);

    screen.step(5, 'Coverage, read from the hub itself');
    const after = readCoverage(emulator.hub, moduleId);
    screen.bar(
      after.withModule,
      after.selected,
      `${after.withModule} of ${after.selected} selected devices have ${moduleId}`,
    );
    screen.line();
    return { ...after, created: after.withModule - before.withModule };
  } finally {
    client.close();
  }
}

/** A device that the policy selects and that has no module yet, if there is one. */
function deviceByHand({ emulator: { hub } }: Cloud): string {
  const devices = [...hub.devices()];
  const missing = devices.find(({ edge, moduleIds }) => !edge && !moduleIds.includes(moduleId));
  return (missing ?? devices[0])?.deviceId ?? '';
}

/** An id of the same form as those of the seeded devices; its number is that of the last device plus `further`. */
function newDeviceId({ emulator: { hub } }: Cloud, further: number): string {
  const number = [...hub.devices()].length + further;
  return `cork-press-${String(number).padStart(3, '0')}`;
}

function printNextSteps(screen: Screen, cloud: Cloud): void {
  const { url } = cloud.host;
  const sweeps = `${url}/api/sweeps`;
  const { hostName, caFile, connectionString } = cloud.emulator;
  const created = newDeviceId(cloud, 10);
  screen.line(
    'The hub, for every tool that knows IoT Hub (trust its CA: NODE_EXTRA_CA_CERTS, or as your tool has it):',
  );
  screen.line(`   ${connectionString}`);
  screen.line('Create a device on it, and watch here how it gets its module:');
  screen.line(
    `   curl --cacert ${caFile} -X PUT "https://${hostName}/devices/${created}?api-version=2021-04-12" -H "content-type: application/json" -H "authorization: ${hubToken(connectionString, tokenLifeSeconds)}" -d '{"deviceId":"${created}"}'`,
  );
  screen.line('Everything keeps running. Also in another terminal:');
  screen.line(`   KEEPER_URL=${url} npm run keeper -- status`);
  screen.line(`   curl ${url}/api/health`);
  screen.line(`   curl "${sweeps}?hub=${hubName}"`);
  screen.line(`   curl -X POST ${sweeps} -H "content-type: application/json" -d '{"dryRun":true}'`);
  screen.line(`   curl "${url}/api/hubs/${hubName}/devices/${created}/modules"`);
  screen.line(`   curl -X PUT ${url}/api/hubs/${hubName}/devices/no-such-device/modules`);
  screen.line('Ctrl+C ends everything and removes all temporary files.');
}

async function startParts(options: StartOptions): Promise<Cloud> {
  const log = (line: string) => process.stderr.write(`${line}\n`);
  return startCloud({
    // S3, so that half of its throttle rate is enough for a sweep in seconds instead of minutes.
    hub: { name: hubName, tier: 'S3', port: options.hubPort ?? (await freePort(preferredPorts.hub)) },
    // No disabled devices: they would be `blocked`, and here every selected device should get its module.
    seed: ({ hub }) => seedDevices(hub, { count: options.devices, mix: { disabled: 0 } }),
    app: options.app ?? (await bundle()),
    hostPort: options.port ?? (await freePort(preferredPorts.host)),
    ...(options.verbose ? { onLine: log } : {}),
  });
}

async function main(): Promise<void> {
  const options = readStartOptions(process.argv.slice(2));
  if (options === 'help') {
    process.stdout.write(helpText);
    return;
  }
  callThisMachineDirectly();
  const screen = new Screen(process.stdout);
  let started: Cloud | undefined;
  let isShown = false;
  let isInterrupted = false;
  const end = (signal: keyof typeof signalCodes) => {
    // Child processes end with their standard input, and the exit removes the certificate.
    if (!started) process.exit(signalCodes[signal]);
    // npm passes on a Ctrl+C that the terminal has already sent to this process.
    if (isInterrupted) return;
    isInterrupted = true;
    screen.line();
    started.close().then(
      () => process.exit(isShown ? process.exitCode : signalCodes[signal]),
      (error: unknown) => {
        process.stderr.write(`${describe(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  screen.line('Module keeper, on this machine alone');
  screen.step(1, 'Stand-ins for Azure');
  const cloud = await startParts(options);
  started = cloud;
  try {
    const result = await show(cloud, options.app ?? 'dist/index.js', screen);
    if (result.withModule < result.selected) process.exitCode = 1;
    if (options.once) {
      await cloud.close();
      const { devices, selected, withModule, created } = result;
      screen.line(JSON.stringify({ devices, selected, withModule, created }));
    } else {
      printNextSteps(screen, cloud);
      showCreatedDevices(cloud.emulator, { screen, moduleId });
    }
    isShown = true;
  } catch (error) {
    // The error is a result of Ctrl+C, which has ended the host; `end` exits.
    if (isInterrupted) return;
    screen.line(`Last log lines of the host:\n${cloud.host.logs().split('\n').slice(-20).join('\n')}`);
    await cloud.close();
    throw error;
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${describe(error)}\n`);
  process.exitCode = 1;
});

function describe(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}\nSee npm start -- --help.`;
  if (error instanceof HostStartError || error instanceof HostConfigurationError) return error.message;
  return portProblem(error, '--hub-port') ?? ((error instanceof Error && error.stack) || String(error));
}
