#!/bin/sh
# Phase three, after the code is there: subscribes the keeper to the events of its hubs. azd runs this after each deployment
# and hands over what main.bicep answered. It may be run again at any time: azd hooks run postdeploy
set -eu
cd "$(dirname "$0")"

# A function that was just deployed may not be listed at once; Event Grid refuses it until then.
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
    echo "The hubs of hubs.json now tell $KEEPER_FUNCTION_APP of new devices."
    exit 0
  fi
  [ "$seconds" -eq 0 ] || { echo "Tries again in $seconds s."; sleep "$seconds"; }
done
echo "The keeper has no events; its nightly sweeps do not need them. Mend the cause above, then: azd hooks run postdeploy" >&2
exit 1
