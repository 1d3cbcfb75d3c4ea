metadata description = 'The roles of the keeper on one hub.'

@description('Name of the hub.')
param hubName string

@description('The identity of the keeper.')
param principalId string

@description('Whether the keeper writes twins of modules that exist.')
param writesTwins bool

// The least rights that work. Creating a module needs devices/write, and in bulk and for a removal devices/delete too: the first
// role. Twins, queries and counts need twins/read and statistics/read: the second. A twin that exists is written with
// twins/write: the third. A seed is part of the create; whether it needs the third role too is not documented.
var always = [
  { name: 'IoT Hub Registry Contributor', id: '4ea46cd5-c1b2-4a8e-910b-273211f9ce47' }
  { name: 'IoT Hub Data Reader', id: 'b447c946-2db7-41ec-983d-d8bf3b1c77e3' }
]
var forTwins = { name: 'IoT Hub Twin Contributor', id: '494bdba2-168f-4f31-a0a1-191d2f7c028c' }
var hubRoles = writesTwins ? concat(always, [forTwins]) : always

resource iotHub 'Microsoft.Devices/IotHubs@2023-06-30' existing = {
  name: hubName
}

resource mayUseHub 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in hubRoles: {
    name: guid(toLower(iotHub.id), principalId, role.id)
    scope: iotHub
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.id)
      principalId: principalId
      principalType: 'ServicePrincipal'
      description: role.name
    }
  }
]
