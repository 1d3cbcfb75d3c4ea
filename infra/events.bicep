metadata description = '''
Phase three: the events of the hubs reach the keeper. Event Grid accepts only a function that is deployed, so this comes after
the code. infra/subscribe.sh and infra/subscribe.ps1 run it.
'''
targetScope = 'subscription'

import { hub } from 'types.bicep'

@description('The hubs to keep.')
@minLength(1)
param hubs hub[] = loadJsonContent('hubs.json')

@description('Resource group of the keeper.')
param keeperResourceGroup string

@description('Function app of the keeper.')
param functionAppName string

@description('Storage account of the keeper, which stores dead letters.')
param storageName string

@description('The group that gets the alerts on dead letters, in the keeper\'s resource group.')
param actionGroupName string

resource iotHubs 'Microsoft.Devices/IotHubs@2023-06-30' existing = [
  for one in hubs: {
    name: one.name
    scope: resourceGroup(one.?subscriptionId ?? subscription().subscriptionId, one.resourceGroup)
  }
]

// At most 50 characters, and unique for each hub; an existing topic keeps its name.
var topicNames = map(
  hubs,
  one => one.?systemTopic ?? 'keeper-${take(one.name, 29)}-${uniqueString(one.resourceGroup, one.name)}'
)

module topics 'hub/topic.bicep' = [
  for (one, index) in hubs: if (one.?systemTopic == null) {
    name: 'keeper-topic-${one.name}'
    scope: resourceGroup(one.?subscriptionId ?? subscription().subscriptionId, one.resourceGroup)
    params: {
      hubName: one.name
      topicName: topicNames[index]
      location: iotHubs[index].location
    }
  }
]

module subscriptions 'hub/subscription.bicep' = [
  for (one, index) in hubs: {
    name: 'keeper-events-${one.name}'
    scope: resourceGroup(one.?subscriptionId ?? subscription().subscriptionId, one.resourceGroup)
    params: {
      hubName: one.name
      topicName: topicNames[index]
      keeperSubscriptionId: subscription().subscriptionId
      keeperResourceGroup: keeperResourceGroup
      functionAppName: functionAppName
      storageName: storageName
      actionGroupName: actionGroupName
    }
    dependsOn: [topics]
  }
]
