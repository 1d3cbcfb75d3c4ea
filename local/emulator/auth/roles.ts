/** The data actions of the emulated operations, without the prefix `Microsoft.Devices/IotHubs/`. */
export type DataAction =
  | 'devices/read'
  | 'devices/write'
  | 'devices/delete'
  | 'twins/read'
  | 'twins/write'
  | 'statistics/read'
  | 'jobs/read'
  | 'jobs/write'
  | 'jobs/delete';

/**
 * The data actions of the built-in roles (Microsoft: "Azure built-in roles"; "Control access to IoT Hub by using
 * Microsoft Entra ID"). Owner and Contributor manage hubs but hold no data actions.
 */
const actionsOfRole = {
  'IoT Hub Data Contributor': /./,
  'IoT Hub Data Reader': /\/read$/,
  'IoT Hub Registry Contributor': /^devices\//,
  'IoT Hub Twin Contributor': /^twins\//,
  Owner: /(?!)/,
  Contributor: /(?!)/,
} as const;

export type RoleName = keyof typeof actionsOfRole;

export const roleNames = Object.keys(actionsOfRole) as RoleName[];

/** Whether one of `roles` includes `action`. */
export const grants = (roles: readonly RoleName[], action: DataAction): boolean =>
  roles.some((role) => actionsOfRole[role].test(action));
