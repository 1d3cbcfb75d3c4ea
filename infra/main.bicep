metadata description = '''
Phase one: the keeper, its storage and its monitoring. azd owns this deployment: `azd down` deletes every resource group that
holds a resource of it. So all its resources are in the keeper's own group, and the hubs are only read.
'''
targetScope = 'subscription'

import { hub } from 'types.bicep'

@description('Name of the azd environment; names the resource group.')
@minLength(1)
@maxLength(40)
param environmentName string

// The regions of Microsoft's samples for Flex Consumption (2026-02). The current list: az functionapp list-flexconsumption-locations
@description('Region of the keeper: one that has Flex Consumption, near the hubs.')
@allowed([
  'australiaeast'
  'australiasoutheast'
  'brazilsouth'
  'canadacentral'
  'centralindia'
  'centralus'
  'eastasia'
  'eastus'
  'eastus2'
  'francecentral'
  'germanywestcentral'
  'italynorth'
  'japaneast'
  'koreacentral'
  'northcentralus'
  'northeurope'
  'norwayeast'
  'southafricanorth'
  'southcentralus'
  'southeastasia'
  'southindia'
  'spaincentral'
  'swedencentral'
  'uaenorth'
  'uksouth'
  'ukwest'
  'westcentralus'
  'westeurope'
  'westus'
  'westus2'
  'westus3'
])
@metadata({ azd: { type: 'location' } })
param location string

@description('The hubs to keep.')
@minLength(1)
param hubs hub[] = loadJsonContent('hubs.json')

@description('The email address that gets the alerts; if it is empty, no email is sent.')
param alertEmail string = ''

@description('When every hub is swept, in UTC: NCRONTAB with six fields.')
param sweepSchedule string = '0 0 2 * * *'

@description('The module that every device should have, where `policy` is empty.')
param moduleId string = 'DefenderIotMicroAgent'

@description('The policy, as in docs/settings.md; takes the place of `moduleId`.')
param policy array = []

@description('The share of the throttles of each hub that the keeper may use.')
@minValue(1)
@maxValue(100)
param hubBudgetPercent int = 50

@description('How long one invocation works on a hub: at most the function timeout of host.json minus 60.')
@minValue(1)
@maxValue(540)
param sliceSeconds int = 240

@description('Instances that always wait for events; above 0 they cost money all day and avoid cold starts.')
@minValue(0)
param alwaysReadyForEvents int = 0

@description('The share of failed modules within an hour above which an alert is raised.')
@minValue(1)
@maxValue(100)
param failureSharePercent int = 5

@description('GB of telemetry a day at most; 0 for no limit. What exceeds it is lost, and the alerts do not see it.')
@minValue(0)
param dailyCapGb int = 0

@description('Whether the storage account is reached only over a virtual network, which the template then creates.')
param vnetEnabled bool = false

@description('Whether the hubs report deleted modules, or also changed twins, so that they are repaired within seconds; makes an event hub and adds routes to the hubs.')
@allowed(['off', 'deleted', 'deletedAndChanged'])
param repairInSeconds string = 'off'

@description('The tools for assistants over MCP: none, those that change no hub, or the one that starts sweeps as well.')
@allowed(['off', 'read', 'start'])
param assistantTools string = 'off'

@description('When this deployment began; do not set it. The alert on silence leaves the app two hours from then.')
param deployedAt string = utcNow('yyyy-MM-ddTHH:mm:ssZ')

// In lower case, like every input of a name here: Azure ignores the case of names, and uniqueString() does not.
var token = uniqueString(toLower(subscription().id), toLower(environmentName), toLower(location))
var tags = { 'azd-env-name': environmentName }
// Read with reference(), not as `existing` resources: so the template contains no resource that is not the keeper's. As text,
// since resourceId() with a subscription is documented as unsupported in deployments to a subscription.
var hubIds = [
  for one in hubs: '/subscriptions/${one.?subscriptionId ?? subscription().subscriptionId}/resourceGroups/${one.resourceGroup}/providers/Microsoft.Devices/IotHubs/${one.name}'
]

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'app/identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    name: 'keeper-${token}'
    location: location
    tags: tags
  }
}

module storage 'app/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    name: 'keeper${token}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    isPrivate: vnetEnabled
  }
}

module network 'app/network.bicep' = if (vnetEnabled) {
  name: 'network'
  scope: group
  params: {
    name: 'keeper-${token}'
    location: location
    tags: tags
    storageName: storage.outputs.name
  }
}

module insights 'watch/insights.bicep' = {
  name: 'insights'
  scope: group
  params: {
    name: 'keeper-${token}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    dailyCapGb: dailyCapGb
  }
}

module changes 'app/changes.bicep' = if (repairInSeconds != 'off') {
  name: 'changes'
  scope: group
  params: {
    name: 'keeper-${token}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
  }
}

module functionApp 'app/functionApp.bicep' = {
  name: 'functionApp'
  scope: group
  params: {
    name: 'keeper-${token}'
    location: location
    tags: tags
    identityName: identity.outputs.name
    storageName: storage.outputs.name
    packagesContainer: storage.outputs.packagesContainer
    insightsName: insights.outputs.name
    subnetId: network.?outputs.appSubnetId ?? ''
    assistantTools: assistantTools == 'off' ? '' : assistantTools
    changesNamespace: changes.?outputs.hostName ?? ''
    changesEventHub: changes.?outputs.eventHub ?? ''
    changesConsumerGroup: changes.?outputs.consumerGroup ?? ''
    // The current tier and units of the hubs, unless hubs.json names others. A variable cannot loop over reference().
    hubs: [
      for (one, index) in hubs: {
        hostName: reference(hubIds[index], '2023-06-30', 'Full').properties.hostName
        tier: one.?tier ?? reference(hubIds[index], '2023-06-30', 'Full').sku.name
        units: one.?units ?? reference(hubIds[index], '2023-06-30', 'Full').sku.capacity
        budgetPercent: one.?budgetPercent ?? hubBudgetPercent
        paused: one.?paused ?? false
        limits: one.?limits ?? {}
      }
    ]
    sweepSchedule: sweepSchedule
    moduleId: moduleId
    policy: policy
    hubBudgetPercent: hubBudgetPercent
    sliceSeconds: sliceSeconds
    alwaysReadyForEvents: alwaysReadyForEvents
  }
}

module alerts 'watch/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    name: 'keeper-${token}'
    location: location
    tags: tags
    workspaceId: insights.outputs.workspaceId
    alertEmail: alertEmail
    deployedAt: deployedAt
    failureSharePercent: failureSharePercent
  }
}

module workbook 'watch/workbook.bicep' = {
  name: 'workbook'
  scope: group
  params: {
    location: location
    tags: tags
    workspaceId: insights.outputs.workspaceId
  }
}

@description('For phase two: the identity that gets the roles on the hubs.')
output KEEPER_PRINCIPAL_ID string = identity.outputs.principalId

@description('For phase three: where the keeper is.')
output KEEPER_RESOURCE_GROUP string = group.name

@description('For phase three: the app that events are delivered to; it names the subscriptions.')
output KEEPER_FUNCTION_APP string = functionApp.outputs.name

@description('For phase three: the account that stores dead letters.')
output KEEPER_STORAGE_ACCOUNT string = storage.outputs.name

@description('For the alerts on dead letters: the group that gets them.')
output KEEPER_ACTION_GROUP string = alerts.outputs.actionGroupName

@description('Address of the HTTP functions.')
output KEEPER_URL string = functionApp.outputs.url

@description('For the routes of the hubs: what they report (repairInSeconds).')
output KEEPER_REPAIR_IN_SECONDS string = repairInSeconds

@description('For the routes of the hubs: the host name of the namespace; empty without one.')
output KEEPER_EVENT_HUB_NAMESPACE string = changes.?outputs.hostName ?? ''

@description('For the routes of the hubs: the id of the event hub; empty without one.')
output KEEPER_EVENT_HUB_ID string = changes.?outputs.eventHubId ?? ''
