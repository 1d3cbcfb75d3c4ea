using '../../../infra/deadLetters.bicep'

param hubs = loadJsonContent('threeHubs.json')
param keeperResourceGroup = 'rg-keeper'
param functionAppName = 'keeper-abc'
param actionGroupName = 'keeper-abc'
