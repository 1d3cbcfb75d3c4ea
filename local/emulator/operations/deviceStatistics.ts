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
