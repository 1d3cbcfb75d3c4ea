/** All that a door hands on: which device, on which hub. `hub` is the hub's name in lower case. */
export interface DeviceKey {
  hub: string;
  deviceId: string;
}

// ASCII alphanumerics and these marks, at most 128 characters, case-sensitive: the DeviceCreated schema page and the
// identity registry page of Microsoft's IoT Hub documentation (the latter leaves out `:` and `;`; we take both).
const deviceIdPattern = /^[A-Za-z0-9\-:.+%_#*?!(),=@;$']{1,128}$/;

/**
 * Whether `value` can be the id of a device. `.` and `..` are refused although they fit the alphabet: as a path
 * segment an HTTP client or proxy resolves them away, so a call meant for the device would reach another resource.
 */
export function isDeviceId(value: unknown): value is string {
  return typeof value === 'string' && deviceIdPattern.test(value) && value !== '.' && value !== '..';
}
