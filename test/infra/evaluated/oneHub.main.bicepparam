using '../../../infra/main.bicep'

param environmentName = 'keeper'
param location = 'westeurope'
param hubs = loadJsonContent('oneHub.json')
param deployedAt = '2026-11-29T00:00:00Z'
