metadata description = '''
The alerts on events that Event Grid gave up. A deployment of its own, after phase three: so that events do not depend on it. Its
resources are in the keeper's resource group, and are deleted with it. The hook postdeploy of azure.yaml runs it.
'''
targetScope = 'subscription'

import { hub, topicOf } from 'types.bicep'

@description('The hubs to keep.')
@minLength(1)
param hubs hub[] = loadJsonContent('hubs.json')

@description('Resource group of the keeper.')
param keeperResourceGroup string

@description('Function app of the keeper, after which the subscriptions are named.')
param functionAppName string

@description('The group that gets the alerts, in the keeper\'s resource group.')
param actionGroupName string

module alerts 'watch/deadLetterAlerts.bicep' = [
  for one in hubs: {
    name: 'dead-letters-${one.name}'
    scope: resourceGroup(keeperResourceGroup)
    params: {
      hubName: one.name
      topicId: '/subscriptions/${one.?subscriptionId ?? subscription().subscriptionId}/resourceGroups/${one.resourceGroup}/providers/Microsoft.EventGrid/systemTopics/${topicOf(one)}'
      eventSubscriptionName: functionAppName
      actionGroupName: actionGroupName
    }
  }
]
