metadata description = '''
The identity of the keeper. It is user-assigned, so that it has all its roles before the app exists: an app with a
system-assigned one starts without them, and its first deployment could not read its own package.
'''

@description('Name of the identity.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('Name of the identity.')
output name string = identity.name

@description('Whom roles are assigned to.')
output principalId string = identity.properties.principalId
