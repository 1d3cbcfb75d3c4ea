/** Paths as clients send them: each id percent-encoded by itself. */
export const devicePath = (deviceId: string): string => `/devices/${encodeURIComponent(deviceId)}`;

export const modulesPath = (deviceId: string): string => `${devicePath(deviceId)}/modules`;

export const modulePath = (deviceId: string, moduleId: string): string =>
  `${modulesPath(deviceId)}/${encodeURIComponent(moduleId)}`;

/** Of a device's twin, or of a module's. */
export const twinPath = (deviceId: string, moduleId?: string): string =>
  moduleId === undefined
    ? `/twins/${encodeURIComponent(deviceId)}`
    : `/twins/${encodeURIComponent(deviceId)}/modules/${encodeURIComponent(moduleId)}`;

/** Segments that hold no legal id: a slash, a space, letters beyond ASCII, too long, a null, bad encoding. */
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
