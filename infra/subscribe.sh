#!/bin/sh
# Phase three, after the code is deployed: subscribes the keeper to the events of its hubs. azd runs this after each deployment
# and passes the outputs of main.bicep. It may be run again at any time: azd hooks run postdeploy
set -eu
cd "$(dirname "$0")"

# A function that was just deployed may not be listed yet; Event Grid refuses it until then.
for seconds in 30 60 120 0; do
  if az deployment sub create \
    --name "module-keeper-events-$AZURE_ENV_NAME" \
    --subscription "$AZURE_SUBSCRIPTION_ID" \
    --location "$AZURE_LOCATION" \
    --template-file events.bicep \
    --output none \
    --parameters \
    "keeperResourceGroup=$KEEPER_RESOURCE_GROUP" \
    "functionAppName=$KEEPER_FUNCTION_APP" \
    "storageName=$KEEPER_STORAGE_ACCOUNT" \
    "actionGroupName=$KEEPER_ACTION_GROUP"; then
    echo "The hubs of hubs.json now send their events to $KEEPER_FUNCTION_APP."
    exit 0
  fi
  [ "$seconds" -eq 0 ] || { echo "Tries again in $seconds s."; sleep "$seconds"; }
done
echo "The keeper has no events; its nightly sweeps do not need them. Fix the cause above, then: azd hooks run postdeploy" >&2
exit 1
