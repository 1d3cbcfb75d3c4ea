using '../../../infra/access.bicep'

param hubs = loadJsonContent('threeHubs.json')
param principalId = '33333333-3333-3333-3333-333333333333'
