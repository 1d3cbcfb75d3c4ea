metadata description = 'Lets the system topic of a hub write dead letters, into that container and nowhere else.'

@description('Storage account of the keeper.')
param storageName string

@description('The container for dead letters.')
param container string

@description('The identity of the system topic.')
param principalId string

var deadLetterRoles = [
  { name: 'Storage Blob Data Contributor', id: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe' }
]

resource deadLetters 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' existing = {
  name: '${storageName}/default/${container}'
}

resource mayWrite 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in deadLetterRoles: {
    name: guid(toLower(deadLetters.id), principalId, role.id)
    scope: deadLetters
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.id)
      principalId: principalId
      principalType: 'ServicePrincipal'
      description: role.name
    }
  }
]
