# `azd down` deletes every resource group that holds something of the deployment, whole. The roles on the hubs are such a thing:
# the hubs would go too. So it is refused, before it asks or deletes anything.
Write-Error @"
azd down would delete the resource groups of your IoT hubs, with the hubs: the keeper has role assignments in them.
To delete the keeper alone:

  az group delete --subscription "$env:AZURE_SUBSCRIPTION_ID" --name "$env:KEEPER_RESOURCE_GROUP"

What that leaves on the hubs: infra/README.md#take-it-away
"@ -ErrorAction Continue
exit 1
