metadata description = 'The subscription of the keeper to one hub, and where its dead letters go.'

@description('The system topic of the hub, with a system-assigned identity.')
param topicName string

@description('Subscription of the keeper.')
param keeperSubscriptionId string

@description('Resource group of the keeper.')
param keeperResourceGroup string

@description('Function app of the keeper.')
param functionAppName string

@description('Storage account of the keeper.')
param storageName string

var deadLetters = 'dead-letters'

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource app 'Microsoft.Web/sites@2025-03-01' existing = {
  name: functionAppName
  scope: resourceGroup(keeperSubscriptionId, keeperResourceGroup)
}

resource storage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageName
  scope: resourceGroup(keeperSubscriptionId, keeperResourceGroup)
}

module mayDeadLetter '../app/deadLetterRole.bicep' = {
  name: 'dead-letters-${uniqueString(toLower(topic.id))}'
  scope: resourceGroup(keeperSubscriptionId, keeperResourceGroup)
  params: {
    storageName: storageName
    container: deadLetters
    principalId: topic.identity.principalId
  }
}

resource subscription 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  // After the app: a subscription of the same name on the topic of another keeper would be taken over.
  name: functionAppName
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    filter: { includedEventTypes: ['Microsoft.Devices.DeviceCreated'] }
    destination: {
      endpointType: 'AzureFunction'
      properties: {
        resourceId: '${app.id}/functions/deviceCreated'
        // One failed event makes Event Grid send its whole batch again.
        maxEventsPerBatch: 1
        preferredBatchSizeInKilobytes: 64
      }
    }
    retryPolicy: {
      maxDeliveryAttempts: 30
      eventTimeToLiveInMinutes: 1440
    }
    deadLetterWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: {
          resourceId: storage.id
          blobContainerName: deadLetters
        }
      }
    }
  }
  dependsOn: [mayDeadLetter]
}
