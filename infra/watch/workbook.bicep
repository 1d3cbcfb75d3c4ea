metadata description = 'The workbook: coverage, runs, failures, throttling, delays.'

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('The workspace that the telemetry is in.')
param workspaceId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(toLower(workspaceId), 'module-keeper')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Module keeper'
    category: 'workbook'
    sourceId: workspaceId
    serializedData: loadTextContent('workbook.json')
  }
}
