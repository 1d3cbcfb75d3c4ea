import type { Env } from './phases.ts';

/**
 * The message with which `azd down` is refused. `azd down` deletes every resource group that contains a resource of azd's
 * deployment. main.bicep creates nothing in the groups of the hubs, so they should stay; that is not proven on Azure.
 */
export function refusalOfDown({ AZURE_SUBSCRIPTION_ID, KEEPER_RESOURCE_GROUP }: Env): string {
  return `azd down is refused: it deletes whole resource groups, and nobody has seen yet that it leaves those of your IoT hubs alone.
To delete the keeper alone:

  az group delete --subscription "${AZURE_SUBSCRIPTION_ID ?? '...'}" --name "${KEEPER_RESOURCE_GROUP ?? 'rg-...'}"

What that leaves on the hubs: infra/README.md#take-it-away`;
}
