import { setTimeout as delay } from 'node:timers/promises';
import type { Emulator } from '../emulator/emulator.ts';
import type { Screen } from './screen.ts';

/** Interval between two reads of the emulator's state, which are not requests to the hub. */
const lookIntervalMs = 20;
/** Longer than the app needs while a sweep runs. After this time the line says that there is no module. */
const limitMs = 60_000;

/** From now on prints a line for each device that is created on the hub, when the device has its module. */
export function showCreatedDevices(
  { hub, onDeviceCreated }: Pick<Emulator, 'hub' | 'onDeviceCreated'>,
  { screen, moduleId }: { screen: Screen; moduleId: string },
): void {
  onDeviceCreated(({ data }) => {
    const { deviceId } = data as { deviceId: string };
    void untilModule(deviceId).then((text) => screen.line(`   ${deviceId} was created; ${text}`));
  });

  async function untilModule(deviceId: string): Promise<string> {
    const deadlineMs = performance.now() + limitMs;
    while (performance.now() < deadlineMs) {
      const [device, module] = [hub.device(deviceId), hub.module(deviceId, moduleId)];
      if (device && module)
        return `${moduleId} is on it ${Math.round(module.createdAtMs - device.createdAtMs)} ms later`;
      if (device?.edge) return 'it is an IoT Edge device, which the policy leaves out';
      await delay(lookIntervalMs, undefined, { ref: false });
    }
    return `it has no ${moduleId} after ${limitMs / 1000} s`;
  }
}
