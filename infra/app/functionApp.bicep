metadata description = 'The function app on Flex Consumption, and every setting of it.'

@description('Name of the app and of its plan.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('The identity that the app works with.')
param identityName string

@description('The storage account of the app.')
param storageName string

@description('The container that the app runs its package from.')
param packagesContainer string

@description('The Application Insights resource that telemetry goes to.')
param insightsName string

@description('The subnet that the app reaches the network through; empty for none.')
param subnetId string

@description('The setting ASSISTANT_TOOLS; empty for none.')
param assistantTools string

@description('Host name of the Event Hubs namespace that the hubs report to; empty for none.')
param changesNamespace string

@description('The event hub that the hubs report to.')
param changesEventHub string

@description('The consumer group of the app on it.')
param changesConsumerGroup string

@description('The hubs, as the setting HUBS lists them.')
param hubs array

@description('NCRONTAB with six fields, UTC.')
param sweepSchedule string

@description('The module that every device should have, if there is no policy.')
param moduleId string

@description('The policy; empty for the one of `moduleId`.')
param policy array

@description('The share of the throttles of each hub that the keeper may use.')
param hubBudgetPercent int

@description('How long one invocation works on a hub.')
param sliceSeconds int

@description('Instances that always wait for events.')
param alwaysReadyForEvents int

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource storage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  // By this tag azd finds the app of the service in azure.yaml.
  tags: union(tags, { 'azd-service-name': 'keeper' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${packagesContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      runtime: { name: 'node', version: '24' }
      scaleAndConcurrency: {
        // The documented minimum of Flex Consumption. The leases limit the work on a hub, not this number.
        maximumInstanceCount: 40
        instanceMemoryMB: 2048
        alwaysReady: alwaysReadyForEvents == 0
          ? []
          : [{ name: 'function:deviceCreated', instanceCount: alwaysReadyForEvents }]
      }
      // Invocations end in order when code or settings change; by default they are killed. Documented since 2024-11-01 (Microsoft,
      // "Site update strategies in Flex Consumption", preview); Bicep 0.49.2 has no type for it.
      #disable-next-line BCP037
      siteUpdateStrategy: { type: 'RollingUpdate' }
    }
    // Flex Consumption has no FTP; ftpsState must not be set.
    siteConfig: { minTlsVersion: '1.2' }
  }

  // No user name and password for deployments: azd and the Azure CLI use Entra ID.
  resource scmPasswords 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
  resource ftpPasswords 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  // Flex Consumption takes the language from functionAppConfig: FUNCTIONS_WORKER_RUNTIME must not be set.
  resource settings 'config' = {
    name: 'appsettings'
    properties: {
      AzureWebJobsStorage__blobServiceUri: storage.properties.primaryEndpoints.blob
      AzureWebJobsStorage__queueServiceUri: storage.properties.primaryEndpoints.queue
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identity.properties.clientId
      // No other credential is tried, such as one of a developer's tools.
      AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential'
      APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
      HUBS: string(hubs)
      MODULE_ID: moduleId
      POLICY: empty(policy) ? '' : string(policy)
      SWEEP_SCHEDULE: sweepSchedule
      HUB_BUDGET_PERCENT: string(hubBudgetPercent)
      SLICE_SECONDS: string(sliceSeconds)
      ASSISTANT_TOOLS: assistantTools
      TWIN_CHANGES_CONNECTION__fullyQualifiedNamespace: changesNamespace
      TWIN_CHANGES_CONNECTION__credential: empty(changesEventHub) ? '' : 'managedidentity'
      TWIN_CHANGES_CONNECTION__clientId: empty(changesEventHub) ? '' : identity.properties.clientId
      TWIN_CHANGES_EVENT_HUB: changesEventHub
      TWIN_CHANGES_CONSUMER_GROUP: changesConsumerGroup
    }
  }
}

@description('Name of the app.')
output name string = app.name

@description('Where its HTTP functions are.')
output url string = 'https://${app.properties.defaultHostName}'
