import type { HubStatus } from '../api/statusSchemas.ts';
import type { HubServices } from '../app.ts';
import { hubOf } from '../http/requestParts.ts';
import { readStatus } from '../status/readStatus.ts';
import { BadArgumentsError, type ToolServices } from './tool.ts';

/** The status of the named hub, or of all. Throws `Problem` 404 for an unknown one; one that is out of service has a row. */
export async function statusOfHubs(services: ToolServices, name: string | undefined): Promise<HubStatus[]> {
  const wanted = name?.toLowerCase();
  if (wanted !== undefined && !services.outOfService.has(wanted)) hubOf(services, wanted);
  const { hubs } = await readStatus(services);
  return wanted === undefined ? hubs : hubs.filter(({ hub }) => hub === wanted);
}

/** The named hub, or the only one. Throws `Problem` as `hubOf`, and `BadArgumentsError` if there are several and none is named. */
export function oneHub(services: ToolServices, name: string | undefined): HubServices {
  const [only, ...others] = services.hubs.values();
  if (name === undefined && only && others.length === 0) return only;
  if (name === undefined) throw new BadArgumentsError(`Name the hub, one of: ${namesOfHubs(services)}.`);
  return hubOf(services, name);
}

/** The names of up to 20 hubs, for a message. */
export function namesOfHubs({ hubs }: ToolServices): string {
  const names = [...hubs.keys()];
  return names.length > 20 ? `${names.slice(0, 20).join(', ')} and ${names.length - 20} more` : names.join(', ');
}
