/** Paths as clients send them, with percent-encoded ids. */
export const devicePath = (deviceId: string): string => `/devices/${encodeURIComponent(deviceId)}`;

export const modulesPath = (deviceId: string): string => `${devicePath(deviceId)}/modules`;

export const modulePath = (deviceId: string, moduleId: string): string =>
  `${modulesPath(deviceId)}/${encodeURIComponent(moduleId)}`;

/** The path of a device's or a module's twin. */
export const twinPath = (deviceId: string, moduleId?: string): string =>
  moduleId === undefined
    ? `/twins/${encodeURIComponent(deviceId)}`
    : `/twins/${encodeURIComponent(deviceId)}/modules/${encodeURIComponent(moduleId)}`;

/** Segments that are not valid ids: a slash, a space, letters beyond ASCII, too long, a null, invalid encoding. */
export const illegalSegments: readonly string[] = [
  'a%2Fb',
  'a%20b',
  '%C3%A9',
  'x'.repeat(129),
  '%00',
  '%ff',
  'a%22b',
  'a%5Cb',
];

/** Segments that a URL parser would resolve instead of sending. */
export const dotSegments: readonly string[] = ['.', '..', '%2e%2e', '%2E'];
