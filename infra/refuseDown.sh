#!/bin/sh
# `azd down` deletes every resource group that holds something of the deployment, whole. The roles on the hubs are such a thing:
# the hubs would go too. So it is refused, before it asks or deletes anything.
cat >&2 <<TEXT
azd down would delete the resource groups of your IoT hubs, with the hubs: the keeper has role assignments in them.
To delete the keeper alone:

  az group delete --subscription "${AZURE_SUBSCRIPTION_ID:-...}" --name "${KEEPER_RESOURCE_GROUP:-rg-...}"

What that leaves on the hubs: infra/README.md#take-it-away
TEXT
exit 1
