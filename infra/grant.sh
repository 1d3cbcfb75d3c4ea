#!/bin/sh
# Phase two, before the code is deployed: assigns the keeper its roles on its hubs. azd runs this after provisioning and passes
# the outputs of main.bicep. It may be run again at any time: azd hooks run postprovision
set -eu
cd "$(dirname "$0")"

# An identity that was just created may not be known everywhere yet; roles for it may be refused until then.
for seconds in 30 60 120 0; do
  if az deployment sub create \
    --name "module-keeper-access-$AZURE_ENV_NAME" \
    --subscription "$AZURE_SUBSCRIPTION_ID" \
    --location "$AZURE_LOCATION" \
    --template-file access.bicep \
    --output none \
    --parameters \
    "principalId=$KEEPER_PRINCIPAL_ID"; then
    echo "The keeper has its roles on the hubs of hubs.json."
    exit 0
  fi
  [ "$seconds" -eq 0 ] || { echo "Tries again in $seconds s."; sleep "$seconds"; }
done
echo "The keeper may not use its hubs. Fix the cause above, then: azd hooks run postprovision, and azd deploy" >&2
exit 1
