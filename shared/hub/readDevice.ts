import type { DeviceInfo } from '../policy/deviceInfo.ts';

/** Reads a device twin or a row of `deviceQuery`. Missing members get the hub's defaults. Undefined if there is no device id. */
export function readDevice(twin: unknown, withTags: boolean): DeviceInfo | undefined {
  const { deviceId, status, authenticationType, capabilities, tags } = (twin ?? {}) as Record<string, unknown>;
  if (typeof deviceId !== 'string') return undefined;
  return {
    deviceId,
    status: status === 'disabled' ? 'disabled' : 'enabled',
    authenticationType: isAuthenticationType(authenticationType) ? authenticationType : 'sas',
    edge: isObject(capabilities) && capabilities.iotEdge === true,
    ...(withTags ? { tags: isObject(tags) ? tags : {} } : {}),
  };
}

function isAuthenticationType(value: unknown): value is DeviceInfo['authenticationType'] {
  return value === 'sas' || value === 'selfSigned' || value === 'certificateAuthority' || value === 'none';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
