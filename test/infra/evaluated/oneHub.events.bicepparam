using '../../../infra/events.bicep'

param hubs = loadJsonContent('oneHub.json')
param keeperResourceGroup = 'rg-keeper'
param functionAppName = 'keeper-abc'
param storageName = 'keeperabc'
