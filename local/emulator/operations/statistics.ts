import type { Operation } from './operation.ts';

export const deviceStatistics: Operation = {
  name: 'deviceStatistics',
  throttle: 'registry',
  right: 'RegistryRead',
  dataActions: ['statistics/read'],
  hasBody: false,
  run: (call) => {
    const { devices, enabled, disabled } = call.store.counts;
    return {
      status: 200,
      body: { totalDeviceCount: devices, enabledDeviceCount: enabled, disabledDeviceCount: disabled },
    };
  },
};

/**
 * The number of connected devices (recorded; azure-iot-sdk-csharp, -java and -python read it). Always 0 here: devices that
 * `PATCH /$emulator/devices/…` connects are not counted. The required right is unproven; it is that of the other statistics.
 */
export const serviceStatistics: Operation = {
  name: 'serviceStatistics',
  throttle: 'registry',
  right: 'RegistryRead',
  dataActions: ['statistics/read'],
  hasBody: false,
  run: () => ({ status: 200, body: { connectedDeviceCount: 0 } }),
};
