using '../../../infra/main.bicep'

param environmentName = 'keeper'
param location = 'westeurope'
param hubs = loadJsonContent('threeHubs.json')
param alertEmail = 'operator@contoso.com'
param policy = [{ moduleId: 'agent' }]
param alwaysReadyForEvents = 1
param dailyCapGb = 2
param deployedAt = '2026-11-29T00:00:00Z'
param vnetEnabled = true
param repairInSeconds = 'deletedAndChanged'
param assistantTools = 'read'
