import { bundle } from '../scripts/bundle.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { type Coverage, readCoverage } from './demo/coverage.ts';
import { showEvent, showHttp, showSweep } from './demo/demoSteps.ts';
import { freePort } from './demo/freePort.ts';
import { Screen } from './demo/screen.ts';
import { readStartOptions, UsageError, usage } from './demo/startOptions.ts';
import { seedDevices } from './emulator/state/seedDevices.ts';
import { hubClient } from './hubClient.ts';

const moduleId = 'DefenderIotMicroAgent';
const hubName = 'contoso';
/** Preferred ports: of the emulator, and of Core Tools. */
const hubPort = 8443;
const hostPort = 7071;

/** Runs the demonstration; returns the coverage that the hub shows at the end. */
async function show(cloud: Cloud, screen: Screen): Promise<Coverage & { created: number }> {
  const { emulator, host, storageConnectionString } = cloud;
  screen.line(`   IoT hub        https://${emulator.hostName} (${hubName}, tier S3), CA ${emulator.caFile}`);
  screen.line(`   storage        ${/BlobEndpoint=([^;]+)/.exec(storageConnectionString)?.[1]} (Azurite)`);
  screen.line(`   Functions      ${host.url} (${host.functions.length} functions of dist/index.js)`);
  screen.line('   Event Grid     delivers DeviceCreated to the function deviceCreated');
  const hub = await hubClient(emulator.connectionString, emulator.caFile);
  const context = { screen, hub, hubName, moduleId, url: host.url };
  try {
    const before = await readCoverage(hub, moduleId);
    screen.line(
      `   The hub has ${before.devices} devices; ${before.withModule} of ${before.selected} selected ones have ${moduleId}.`,
    );

    screen.step(2, 'Event: a device is created');
    await showEvent(context, "line-4:press-'7'");

    screen.step(3, 'HTTP: one device by hand');
    await showHttp(context, '50%_#1?');

    screen.step(4, 'Nightly sweep: every device of the hub');
    await showSweep(context);

    screen.step(5, 'Coverage, read from the hub itself');
    const after = await readCoverage(hub, moduleId);
    screen.bar(
      after.withModule,
      after.selected,
      `${after.withModule} of ${after.selected} selected devices have ${moduleId}`,
    );
    screen.line();
    return { ...after, created: after.withModule - before.withModule };
  } finally {
    hub.close();
  }
}

function printNextSteps(screen: Screen, url: string): void {
  const sweeps = `${url}/api/sweeps`;
  screen.line('Everything keeps running. Try in another terminal:');
  screen.line(`   curl ${url}/api/health`);
  screen.line(`   curl "${sweeps}?hub=${hubName}"`);
  screen.line(`   curl -X POST ${sweeps} -H "content-type: application/json" -d '{"dryRun":true}'`);
  screen.line(`   curl ${url}/api/hubs/${hubName}/devices/50%25_%231%3F/modules`);
  screen.line(`   curl -X PUT ${url}/api/hubs/${hubName}/devices/no-such-device/modules`);
  screen.line('Ctrl+C ends everything and removes all temporary files.');
}

async function main(): Promise<void> {
  const options = readStartOptions(process.argv.slice(2));
  const screen = new Screen(process.stdout);
  screen.line('Module keeper, on this machine alone');
  screen.step(1, 'Stand-ins for Azure');
  const log = (line: string) => process.stderr.write(`${line}\n`);
  const cloud = await startCloud({
    // S3, so that half of its throttle rate is enough for a sweep in seconds instead of minutes.
    hub: { name: hubName, tier: 'S3', port: await freePort(hubPort) },
    // No disabled devices: they would be `blocked`, and here every selected device should get its module.
    seed: ({ hub }) => seedDevices(hub, { count: options.devices, mix: { disabled: 0 } }),
    app: await bundle(),
    hostPort: await freePort(hostPort),
    ...(options.verbose ? { onLine: log } : {}),
  });
  let shown = false;
  const end = () => void cloud.close().then(() => process.exit(shown ? process.exitCode : 1));
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  try {
    const result = await show(cloud, screen);
    shown = true;
    if (result.withModule < result.selected) process.exitCode = 1;
    if (options.once) {
      await cloud.close();
      const { devices, selected, withModule, created } = result;
      screen.line(JSON.stringify({ devices, selected, withModule, created }));
    } else {
      printNextSteps(screen, cloud.host.url);
    }
  } catch (error) {
    screen.line(`Last log lines of the host:\n${cloud.host.logs().split('\n').slice(-20).join('\n')}`);
    await cloud.close();
    throw error;
  }
}

main().catch((error: unknown) => {
  const text = error instanceof UsageError ? `${error.message}\nUsage: ${usage}` : stackOrText(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
});

function stackOrText(error: unknown): string {
  return (error instanceof Error && error.stack) || String(error);
}
