import type { HubState } from '../../shared/api/statusSchemas.ts';
import type { KeeperApi } from '../api/keeperApi.ts';

/** The hubs of the app that are in service. */
export async function hubNames(api: KeeperApi): Promise<string[]> {
  const { hubs } = await api.json<{ hubs: HubState[] }>('GET', '/api/hubs');
  return hubs.flatMap(({ hub, outOfService }) => (hub === null || outOfService !== null ? [] : [hub]));
}
