/** Identifies one device of one hub. `hub` is the hub name in lower case. */
export interface DeviceKey {
  hub: string;
  deviceId: string;
}

// Sources: the DeviceCreated schema page and the identity registry page of Microsoft's IoT Hub documentation (the latter does
// not list `:` and `;`; the app accepts both). `.` and `..` are refused: HTTP clients and proxies remove such path segments, so
// a call for the device would reach another resource.
/** Matches the valid device ids: 1 to 128 ASCII letters, digits and these special characters. Ids are case-sensitive. */
export const deviceIdPattern = /^(?!\.{1,2}$)[A-Za-z0-9\-:.+%_#*?!(),=@;$']{1,128}$/;

/** Whether `value` is a valid device id. */
export function isDeviceId(value: unknown): value is string {
  return typeof value === 'string' && deviceIdPattern.test(value);
}
