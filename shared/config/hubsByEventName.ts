import type { HubConfig, HubOutOfService } from './config.ts';

/**
 * Returns a map from the hub name in events (`data.hubName`) to the key of the hub, with hubs out of service too. The key of a
 * hub is also a name for it, unless another hub has that name in its events.
 */
export function hubsByEventName(
  hubs: readonly HubConfig[],
  outOfService: readonly HubOutOfService[],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  // A later `set` replaces an earlier one: hubs in service take precedence over others, and names in events over keys.
  for (const { name } of [...outOfService, ...hubs]) if (name !== undefined) found.set(name, name);
  for (const { name, eventName } of [...outOfService, ...hubs]) {
    if (name !== undefined) found.set(eventName ?? name, name);
  }
  return found;
}
