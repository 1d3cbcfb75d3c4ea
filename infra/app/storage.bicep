metadata description = 'The keeper\'s own storage account: queues, leases, runs, its package, dead letters. Without shared keys.'

@description('Name of the account.')
@minLength(3)
@maxLength(24)
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('The identity of the keeper.')
param principalId string

@description('Whether the account is reached over private endpoints alone.')
param isPrivate bool

// What the Functions host needs on its AzureWebJobsStorage for blobs and queue triggers, and all that our code needs.
// Tables only hold the host's diagnostic events; the host works without them.
var storageRoles = [
  { name: 'Storage Blob Data Owner', id: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' }
  { name: 'Storage Queue Data Contributor', id: '974c5e8b-45b9-4653-ba55-5f855dd0fb88' }
]

var packages = 'packages'
var expiry = [
  { name: 'dead-letters', prefix: 'dead-letters/', days: 90 }
  { name: 'runs', prefix: 'module-keeper/runs/', days: 180 }
]
var containers = [packages, 'module-keeper', 'dead-letters']

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    // Event Grid, which writes dead letters, is a service that Azure trusts.
    networkAcls: { defaultAction: isPrivate ? 'Deny' : 'Allow', bypass: 'AzureServices' }
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource made 'containers' = [for container in containers: { name: container }]
  }

  // The keeper itself removes runs after 90 days; this removes the runs of hubs that it no longer keeps, and dead letters. No rule
  // covers the package, which the app runs from, or the leases and documents of hubs.
  resource lifecycle 'managementPolicies' = {
    name: 'default'
    properties: {
      policy: {
        rules: [
          for rule in expiry: {
            name: rule.name
            type: 'Lifecycle'
            definition: {
              filters: { blobTypes: ['blockBlob', 'appendBlob'], prefixMatch: [rule.prefix] }
              actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: rule.days } } }
            }
          }
        ]
      }
    }
    dependsOn: [blobs]
  }

  resource queues 'queueServices' = {
    name: 'default'

    // The keeper creates the queues of its hubs itself.
    resource wakeUps 'queues' = { name: 'hub-work' }
  }
}

resource mayUseStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in storageRoles: {
    name: guid(toLower(account.id), principalId, role.id)
    scope: account
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.id)
      principalId: principalId
      principalType: 'ServicePrincipal'
      description: role.name
    }
  }
]

@description('Name of the account.')
output name string = account.name

@description('The container that the app runs its package from.')
output packagesContainer string = packages
