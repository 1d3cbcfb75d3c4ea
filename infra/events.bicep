metadata description = '''
Phase three: the events of the hubs reach the keeper. Event Grid accepts only a function that is deployed, so this comes after
the code. The hook postdeploy of azure.yaml runs it.
'''
targetScope = 'subscription'

import { hub, topicOf } from 'types.bicep'

@description('The hubs to keep.')
@minLength(1)
param hubs hub[] = loadJsonContent('hubs.json')

@description('Resource group of the keeper.')
param keeperResourceGroup string

@description('Function app of the keeper.')
param functionAppName string

@description('Storage account of the keeper, which stores dead letters.')
param storageName string

resource iotHubs 'Microsoft.Devices/IotHubs@2023-06-30' existing = [
  for one in hubs: {
    name: one.name
    scope: resourceGroup(one.?subscriptionId ?? subscription().subscriptionId, one.resourceGroup)
  }
]

// Deployments of two keepers on one hub may run at the same time: their names differ.
var suffixes = [for one in hubs: uniqueString(toLower(one.name), toLower(functionAppName))]

module topics 'hub/topic.bicep' = [
  for (one, index) in hubs: if (one.?systemTopic == null) {
    name: 'keeper-topic-${take(one.name, 30)}-${suffixes[index]}'
    scope: resourceGroup(one.?subscriptionId ?? subscription().subscriptionId, one.resourceGroup)
    params: {
      hubName: one.name
      topicName: topicOf(one)
      location: iotHubs[index].location
    }
  }
]

module subscriptions 'hub/subscription.bicep' = [
  for (one, index) in hubs: {
    name: 'keeper-events-${take(one.name, 30)}-${suffixes[index]}'
    scope: resourceGroup(one.?subscriptionId ?? subscription().subscriptionId, one.resourceGroup)
    params: {
      topicName: topicOf(one)
      keeperSubscriptionId: subscription().subscriptionId
      keeperResourceGroup: keeperResourceGroup
      functionAppName: functionAppName
      storageName: storageName
    }
    dependsOn: [topics]
  }
]
