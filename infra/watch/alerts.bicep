metadata description = 'The alerts on the keeper\'s telemetry. Dead letters are watched in deadLetterAlerts.bicep, hub by hub.'

@description('Prefix of the names of the alerts.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('The workspace that the telemetry is in.')
param workspaceId string

@description('Who gets the email; nobody when it is empty.')
param alertEmail string

@description('Names of the hubs that are to be swept, in lower case.')
param sweptHubNames array

@description('The share of failed modules within an hour that is too much.')
param failureSharePercent int

// Each query returns one row for each hub with the problem; where that is of no one hub, `hub` says so. `within` is how far it may look back: a rule allows at most two
// days. Queries that need less say so.
var alerts = [
  {
    name: 'no-finished-sweep'
    severity: 1
    title: 'No finished sweep of a hub in 26 hours'
    description: 'The nightly sweep did not begin, did not end, or failed. Look at the last runs of the hub: docs/operations.md#alert-no-finished-sweep'
    query: replace(loadTextContent('queries/noFinishedSweep.kql'), '{sweptHubs}', string(sweptHubNames))
    within: 'P2D'
    every: 'PT1H'
  }
  {
    name: 'poison-message'
    severity: 1
    title: 'Work on a hub failed repeatedly'
    description: 'A wake-up failed five times, so its hub has no worker until the watch sends another one: docs/operations.md#alert-poison-message'
    query: loadTextContent('queries/poisonMessage.kql')
    within: 'PT1H'
    every: 'PT15M'
  }
  {
    name: 'poison-queue'
    severity: 2
    title: 'Messages that the app cannot read lie in the poison queue'
    description: 'Something other than the keeper sends messages into hub-work. Find the sender, then clear hub-work-poison: docs/operations.md#alert-poison-queue'
    query: loadTextContent('queries/poisonQueue.kql')
    within: 'PT1H'
    every: 'PT15M'
  }
  {
    name: 'out-of-service'
    severity: 1
    title: 'A hub is out of service because of its settings'
    description: 'An entry of HUBS is wrong, so the keeper does nothing for that hub. GET /api/health says what to write: docs/operations.md#alert-out-of-service'
    query: loadTextContent('queries/outOfService.kql')
    within: 'PT1H'
    every: 'PT15M'
  }
  {
    name: 'unknown-hub'
    severity: 2
    title: 'Events of a hub that is not in the settings'
    description: 'New devices of that hub get no module. Add the hub, set its eventName, or remove its subscription: docs/operations.md#alert-unknown-hub'
    query: loadTextContent('queries/unknownHub.kql')
    within: 'PT1H'
    every: 'PT15M'
  }
  {
    name: 'failure-share'
    severity: 2
    title: 'Too many modules could not be created'
    description: 'More modules of the last hour failed than is allowed. Their reasons: docs/operations.md#alert-failure-share'
    query: replace(loadTextContent('queries/failureShare.kql'), '{failureSharePercent}', string(failureSharePercent))
    within: 'PT1H'
    every: 'PT15M'
  }
  {
    name: 'hub-blocked'
    severity: 1
    title: 'A hub refuses the keeper'
    description: 'A role or a key is missing, a quota is used up, or the hub is full; the log says which: docs/operations.md#alert-hub-blocked'
    query: loadTextContent('queries/hubBlocked.kql')
    within: 'P2D'
    every: 'PT15M'
  }
  {
    name: 'coverage'
    severity: 2
    title: 'Devices lack their module for a day'
    description: 'For a day no sweep found every selected device with its modules. Which devices: docs/operations.md#alert-coverage'
    query: loadTextContent('queries/coverage.kql')
    within: 'P2D'
    every: 'PT1H'
  }
]

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'keeper'
    enabled: true
    emailReceivers: empty(alertEmail) ? [] : [{ name: 'mail', emailAddress: alertEmail, useCommonAlertSchema: true }]
  }
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for alert in alerts: {
    name: '${name}-${alert.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: alert.title
      description: alert.description
      severity: alert.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: alert.every
      windowSize: alert.within
      autoMitigate: true
      // The first telemetry creates the tables of a new workspace; until then the queries would be rejected.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            dimensions: [{ name: 'hub', operator: 'Include', values: ['*'] }]
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [actionGroup.id] }
    }
  }
]

@description('The group that gets the alerts.')
output actionGroupName string = actionGroup.name
