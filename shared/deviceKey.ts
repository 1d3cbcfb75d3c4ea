/** A device on a hub; all that the app takes from an event. `hub` is the hub name in lower case. */
export interface DeviceKey {
  hub: string;
  deviceId: string;
}

// ASCII letters, digits and these characters, at most 128, case-sensitive. Sources: the DeviceCreated schema page and the
// identity registry page of Microsoft's IoT Hub documentation (the latter does not list `:` and `;`; we accept both).
// `.` and `..` are refused: HTTP clients and proxies remove such path segments, so a call for the device would reach another
// resource.
/** Matches exactly the valid device ids. */
export const deviceIdPattern = /^(?!\.{1,2}$)[A-Za-z0-9\-:.+%_#*?!(),=@;$']{1,128}$/;

/** Whether `value` is a valid device id. */
export function isDeviceId(value: unknown): value is string {
  return typeof value === 'string' && deviceIdPattern.test(value);
}
