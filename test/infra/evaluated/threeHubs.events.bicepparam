using '../../../infra/events.bicep'

param hubs = loadJsonContent('threeHubs.json')
param keeperResourceGroup = 'rg-keeper'
param functionAppName = 'keeper-abc'
param storageName = 'keeperabc'
