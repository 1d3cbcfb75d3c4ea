import { type EmulatorOptions, startEmulator } from '../../local/emulator/emulator.ts';
import { deviceIdAt } from '../emulator/bulkLoad.ts';
import { isDisabledAt, isGhostAt } from './fleetKinds.ts';
import type { FleetOptions } from './fleetOptions.ts';

const hourMs = 3_600_000;
/** Longer than any run, so that queries return every deleted device until the last page. */
const ghostMs = 1000 * hourMs;

/** A program that runs the emulator with a fleet. Its argument is a `FleetOptions` as JSON; prints the ready line. */
async function main(): Promise<void> {
  const fleet: FleetOptions = JSON.parse(process.argv[2] ?? '{}');
  const options: EmulatorOptions = {
    ...{ name: 'contoso', tier: fleet.tier, units: fleet.units, seed: 1, ghostMs },
    ...{ timeScale: fleet.timeScale, throttling: fleet.throttling, maxPageRows: fleet.maxPageRows },
  };
  const emulator = await startEmulator(options);
  const createdAtMs = emulator.hub.nowMs() - hourMs;
  const twin = fleet.desired ? { desired: fleet.desired } : {};
  for (let index = 0; index < fleet.devices; index += 1) {
    const deviceId = deviceIdAt(index);
    const status = fleet.mixed && isDisabledAt(index) ? 'disabled' : 'enabled';
    emulator.hub.createDevice({ deviceId, createdAtMs, status });
    if (fleet.withModules) emulator.hub.createModule(deviceId, { moduleId: fleet.moduleId, createdAtMs, ...twin });
    if (fleet.mixed && isGhostAt(index)) emulator.hub.deleteDevice(deviceId);
  }
  for (const rule of fleet.latency) emulator.faults.addJson(rule);
  process.once('SIGTERM', () => {
    emulator.close().catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
  });
  const { hostName, connectionString, caFile } = emulator;
  process.stdout.write(`${JSON.stringify({ ready: true, hostName, connectionString, ca: caFile })}\n`);
}

await main();
