import type { DeviceModules } from '../../shared/api/deviceSchemas.ts';
import { type KeeperApi, Refusal } from '../api/keeperApi.ts';
import { type ExitCode, exitCodes } from '../exitCodes.ts';
import type { Answer } from '../output/answer.ts';
import { askEachHub } from './askEachHub.ts';
import { hubNames } from './hubNames.ts';

/**
 * Whether a device has its modules, and why not; on one hub, or on every hub that has the device. Answers `no` if one is missing, is
 * not as it should be, or if no hub has the device. Throws `CliError`.
 */
export async function why(api: KeeperApi, deviceId: string, hub: string | undefined): Promise<Answer> {
  const hubs = hub === undefined ? await hubNames(api) : [hub];
  const { answers, notAsked } = await askEachHub(hubs, (name) => modulesOf(api, name, deviceId));
  const found = answers.filter((answer) => answer !== undefined);
  const byName = (one: DeviceModules, other: DeviceModules) => one.hub.localeCompare(other.hub);
  found.sort(byName);
  const rows = found.flatMap(({ hub: name, modules }) =>
    modules.map(({ moduleId, state, reason, needs, advice }) => {
      return [name, moduleId, state, reason, needs, advice];
    }),
  );
  const isGood = found.every(({ modules }) =>
    modules.every(({ state, needs }) => state !== 'missing' && needs === undefined),
  );
  const of = notAsked.length > 0 ? 'No hub that could be asked' : 'No hub of the app';
  const missing = `${of} has a device with this id: ${hubs.join(', ')} ${hubs.length === 1 ? 'was' : 'were'} asked. Ids are case-sensitive.`;
  return {
    json: found,
    table: { heads: ['hub', 'module', 'state', 'reason', 'needs', 'what to do'], rows },
    remarks: [...(found.length === 0 ? [missing] : []), ...found.flatMap(detailLines), ...notAsked],
    exitCode: exitCodeOf(found.length > 0, isGood, notAsked.length > 0),
  };
}

/** What the hub says of each module that the device has. */
function detailLines({ hub, modules }: DeviceModules): string[] {
  return modules.flatMap(({ moduleId, details }) => {
    if (details === undefined) return [];
    const { isConnected, lastActivityTime, authentication, managedBy, twin } = details;
    const parts = [
      isConnected === null
        ? 'the hub does not say whether it is connected'
        : isConnected
          ? 'connected'
          : 'not connected',
      lastActivityTime === null ? 'never active' : `last active ${lastActivityTime}`,
      ...(authentication === null ? [] : [`authentication ${authentication}`]),
      ...(managedBy === null ? [] : [`managed by ${managedBy}`]),
      ...Object.entries({ tags: twin.tags, 'desired properties': twin.desired })
        .filter(([, values]) => Object.keys(values).length > 0)
        .map(([name, values]) => `${name} ${JSON.stringify(values)}`),
    ];
    return [`${hub}, ${moduleId}: ${parts.join('; ')}`];
  });
}

/** If a module is not as it should be, the answer is no. Otherwise a hub that could not be asked makes the answer unknown. */
function exitCodeOf(isFound: boolean, isGood: boolean, isPart: boolean): ExitCode {
  if (isFound && !isGood) return exitCodes.no;
  if (isPart) return exitCodes.unreachable;
  return isFound ? exitCodes.ok : exitCodes.no;
}

/** Undefined if the hub has no such device. */
async function modulesOf(api: KeeperApi, hub: string, deviceId: string): Promise<DeviceModules | undefined> {
  const path = `/api/hubs/${encodeURIComponent(hub)}/devices/${encodeURIComponent(deviceId)}/modules`;
  try {
    return await api.json<DeviceModules>('GET', path);
  } catch (error) {
    if (error instanceof Refusal && error.type === 'unknown-device') return undefined;
    throw error;
  }
}
