import { systemClock } from '../../shared/clock.ts';
import type { Config, HubConfig } from '../../shared/config/config.ts';
import { credentialsOnce } from '../../shared/credentials.ts';
import { explain } from '../../shared/hub/adviceFor.ts';
import { azureRegistry } from '../../shared/hub/azureRegistry.ts';
import { countHub, type HubSize } from '../../shared/hub/headroom.ts';
import { hubBudgets } from '../../shared/hub/hubBudgets.ts';
import { isHubError } from '../../shared/hub/hubError.ts';
import type { Policy } from '../../shared/policy/moduleSpec.ts';
import { backfillHours } from '../../shared/sweep/preflight.ts';

/** A hub with its grant and size. `refusal` says why the hub could not be read, and what to do. */
export type CountedHub = { hub: HubConfig; createsPerMinute: number } & (
  | { size: HubSize; hoursAtMost: number }
  | { refusal: string }
);

/** Reads the size of each hub with the two calls that a sweep begins with. Changes nothing. */
export async function countHubs({ hubs, storage }: Config, policy: Policy): Promise<CountedHub[]> {
  const credential = credentialsOnce()(storage.kind === 'identity' ? storage.clientId : undefined);
  return Promise.all(
    hubs.map(async (hub): Promise<CountedHub> => {
      const budgets = hubBudgets(hub, systemClock);
      const createsPerMinute = budgets.registry.grantedPerMinute;
      try {
        const size = await countHub(azureRegistry(hub, credential));
        const hoursAtMost = backfillHours(size.devices * policy.length, budgets);
        return { hub, createsPerMinute, size, hoursAtMost };
      } catch (error) {
        if (!isHubError(error)) throw error;
        const login = hub.auth.kind === 'entra' ? ' On this machine the identity is that of `az login`.' : '';
        return { hub, createsPerMinute, refusal: `${explain(error, hub.auth)}${login}` };
      }
    }),
  );
}
