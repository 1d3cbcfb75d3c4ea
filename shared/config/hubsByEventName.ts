import type { HubConfig, HubOutOfService } from './config.ts';

/**
 * Returns the key of each hub by the names that its events may have, hubs out of service included. A hub is also found by its
 * key, unless that is the name of another hub in events.
 */
export function hubsByEventName(
  hubs: readonly HubConfig[],
  outOfService: readonly HubOutOfService[],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  // What is set later wins: hubs in service over others, names in events over keys.
  for (const { name } of [...outOfService, ...hubs]) if (name !== undefined) found.set(name, name);
  for (const { name, eventName } of [...outOfService, ...hubs]) {
    if (name !== undefined) found.set(eventName ?? name, name);
  }
  return found;
}
