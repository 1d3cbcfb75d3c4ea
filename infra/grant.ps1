# Phase two, before the code is deployed: assigns the keeper its roles on its hubs. azd runs this after provisioning and passes
# the outputs of main.bicep. It may be run again at any time: azd hooks run postprovision
$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot

# An identity that was just created may not be known everywhere yet; roles for it may be refused until then.
foreach ($seconds in 30, 60, 120, 0) {
  az deployment sub create `
    --name "module-keeper-access-$env:AZURE_ENV_NAME" `
    --subscription "$env:AZURE_SUBSCRIPTION_ID" `
    --location "$env:AZURE_LOCATION" `
    --template-file access.bicep `
    --output none `
    --parameters `
    "principalId=$env:KEEPER_PRINCIPAL_ID"
  if ($LASTEXITCODE -eq 0) {
    Write-Output "The keeper has its roles on the hubs of hubs.json."
    exit 0
  }
  if ($seconds -gt 0) { Write-Output "Tries again in $seconds s."; Start-Sleep -Seconds $seconds }
}
Write-Error 'The keeper may not use its hubs. Fix the cause above, then: azd hooks run postprovision, and azd deploy' -ErrorAction Continue
exit 1
