# Phase three, after the code is deployed: subscribes the keeper to the events of its hubs. azd runs this after each deployment
# and passes the outputs of main.bicep. It may be run again at any time: azd hooks run postdeploy
$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot

# A function that was just deployed may not be listed yet; Event Grid refuses it until then.
foreach ($seconds in 30, 60, 120, 0) {
  az deployment sub create `
    --name "module-keeper-events-$env:AZURE_ENV_NAME" `
    --subscription "$env:AZURE_SUBSCRIPTION_ID" `
    --location "$env:AZURE_LOCATION" `
    --template-file events.bicep `
    --output none `
    --parameters `
    "keeperResourceGroup=$env:KEEPER_RESOURCE_GROUP" `
    "functionAppName=$env:KEEPER_FUNCTION_APP" `
    "storageName=$env:KEEPER_STORAGE_ACCOUNT" `
    "actionGroupName=$env:KEEPER_ACTION_GROUP"
  if ($LASTEXITCODE -eq 0) {
    Write-Output "The hubs of hubs.json now send their events to $env:KEEPER_FUNCTION_APP."
    exit 0
  }
  if ($seconds -gt 0) { Write-Output "Tries again in $seconds s."; Start-Sleep -Seconds $seconds }
}
Write-Error 'The keeper has no events; its nightly sweeps do not need them. Fix the cause above, then: azd hooks run postdeploy' -ErrorAction Continue
exit 1
