using '../../../infra/main.bicep'

param environmentName = 'keeper'
param location = 'westeurope'
param hubs = loadJsonContent('oneHub.json')
