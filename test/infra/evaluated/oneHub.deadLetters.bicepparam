using '../../../infra/deadLetters.bicep'

param hubs = loadJsonContent('oneHub.json')
param keeperResourceGroup = 'rg-keeper'
param functionAppName = 'keeper-abc'
param actionGroupName = 'keeper-abc'
