metadata description = 'The Event Grid system topic of a hub that has none yet. A hub can have only one.'

@description('Name of the hub.')
param hubName string

@description('Name of the topic.')
param topicName string

@description('Region: that of the hub. A parameter, since a template cannot read it for a resource that it creates.')
param location string

resource iotHub 'Microsoft.Devices/IotHubs@2023-06-30' existing = {
  name: hubName
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: topicName
  location: location
  // Writes the dead letters.
  identity: { type: 'SystemAssigned' }
  properties: {
    source: iotHub.id
    topicType: 'Microsoft.Devices.IoTHubs'
  }
}
