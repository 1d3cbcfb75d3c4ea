metadata description = 'Where telemetry goes: a workspace and Application Insights that accepts it from the keeper\'s identity only.'

@description('Name of the workspace and of the Application Insights resource.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('The identity of the keeper.')
param principalId string

@description('GB a day that the workspace accepts at most; 0 for no limit.')
@minValue(0)
param dailyCapGb int

var insightsRoles = [
  { name: 'Monitoring Metrics Publisher', id: '3913510d-42f4-4e42-8a64-420c390055eb' }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    // As long as the keeper stores its runs.
    retentionInDays: 90
    // -1 is no limit.
    workspaceCapping: { dailyQuotaGb: dailyCapGb == 0 ? -1 : dailyCapGb }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: name
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

resource mayPublish 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in insightsRoles: {
    name: guid(toLower(insights.id), principalId, role.id)
    scope: insights
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.id)
      principalId: principalId
      principalType: 'ServicePrincipal'
      description: role.name
    }
  }
]

@description('Name of the Application Insights resource.')
output name string = insights.name

@description('The workspace that alerts and workbook query.')
output workspaceId string = workspace.id
