import type { Env } from './phases.ts';

/**
 * What `azd down` is refused with. It deletes, as a whole, every resource group that holds something of azd's deployment.
 * main.bicep creates nothing in the groups of the hubs, so they should stay; but nobody has seen that on Azure yet.
 */
export function refusalOfDown({ AZURE_SUBSCRIPTION_ID, KEEPER_RESOURCE_GROUP }: Env): string {
  return `azd down is refused: it deletes whole resource groups, and nobody has seen yet that it leaves those of your IoT hubs alone.
To delete the keeper alone:

  az group delete --subscription "${AZURE_SUBSCRIPTION_ID ?? '...'}" --name "${KEEPER_RESOURCE_GROUP ?? 'rg-...'}"

What that leaves on the hubs: infra/README.md#take-it-away`;
}
