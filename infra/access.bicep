metadata description = '''
Phase two: the roles of the keeper on its hubs. They are in the hubs' resource groups, which `azd down` would delete if they were
in azd's own deployment, main.bicep. So they have a deployment of their own. The hook postprovision of azure.yaml runs it.
'''
targetScope = 'subscription'

import { hub } from 'types.bicep'

@description('The hubs to keep.')
@minLength(1)
param hubs hub[] = loadJsonContent('hubs.json')

@description('The identity of the keeper.')
param principalId string

module hubAccess 'hub/access.bicep' = [
  for one in hubs: {
    // Deployments of two keepers on one hub may run at the same time: their names differ.
    name: 'keeper-access-${take(one.name, 30)}-${uniqueString(toLower(one.name), principalId)}'
    scope: resourceGroup(one.?subscriptionId ?? subscription().subscriptionId, one.resourceGroup)
    params: {
      hubName: one.name
      principalId: principalId
      writesTwins: one.?writesTwins ?? false
    }
  }
]
