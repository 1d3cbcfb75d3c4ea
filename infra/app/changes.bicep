metadata description = '''
The event hub that gets what the hubs report of their identities. A template cannot add a route to an existing hub, since the
routes are part of the hub itself: the hook postdeploy adds them with the Azure CLI.
'''

@description('Name of the namespace.')
@minLength(6)
@maxLength(50)
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('The identity of the keeper, which reads the events.')
param principalId string

var eventHubName = 'identity-changes'
var groupName = 'module-keeper'
var role = { name: 'Azure Event Hubs Data Receiver', id: 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde' }

resource namespace 'Microsoft.EventHub/namespaces@2026-01-01' = {
  name: name
  location: location
  tags: tags
  // The Basic tier has only the default consumer group.
  sku: { name: 'Standard', tier: 'Standard', capacity: 1 }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
  }

  resource eventHub 'eventhubs' = {
    name: eventHubName
    // One day; the next nightly sweep finds what was not read by then.
    properties: { partitionCount: 4, messageRetentionInDays: 1 }

    resource group 'consumergroups' = { name: groupName }
  }
}

resource mayRead 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(toLower(namespace::eventHub.id), principalId, role.id)
  scope: namespace::eventHub
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.id)
    principalId: principalId
    principalType: 'ServicePrincipal'
    description: role.name
  }
}

@description('Host name of the namespace.')
output hostName string = split(replace(namespace.properties.serviceBusEndpoint, 'https://', ''), ':')[0]

@description('Name of the event hub.')
output eventHub string = eventHubName

@description('Its id, on which the hubs get their role.')
output eventHubId string = namespace::eventHub.id

@description('The consumer group of the keeper.')
output consumerGroup string = groupName
