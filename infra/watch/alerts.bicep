metadata description = 'The alerts on the keeper\'s telemetry. Dead letters are watched in deadLetterAlerts.bicep, hub by hub.'

@description('Prefix of the names of the alerts.')
param name string

@description('Region.')
param location string

@description('Tags.')
param tags object

@description('The workspace that the telemetry is in.')
param workspaceId string

@description('The email address that gets the alerts; if it is empty, no email is sent.')
param alertEmail string

@description('When the deployment began: the alert on silence leaves the app two hours from then.')
param deployedAt string

@description('The share of failed modules within an hour that is too much.')
param failureSharePercent int

// Each query returns one row for each hub with the problem; if it concerns no single hub, `hub` is a text in parentheses. The watch
// sends its metrics every five minutes, so that no alert depends on a single data point. `within` is how far a query may look back: a rule
// allows at most two days. Microsoft: no `union` or `search`, and a table comes first ("Create a log search alert rule").
var alerts = [
  {
    name: 'no-finished-sweep'
    severity: 1
    title: 'No finished sweep of a hub in 26 hours'
    description: 'The nightly sweep did not begin, did not end, or failed. Look at the last runs of the hub: docs/on-call.md, docs/operations.md#alert-no-finished-sweep'
    query: loadTextContent('queries/noFinishedSweep.kql')
    within: 'PT1H'
    every: 'PT15M'
  }
  {
    name: 'nothing-arrives'
    severity: 1
    title: 'Nothing of the app arrives'
    description: 'For an hour no metric of the app arrived: it does not run, or its telemetry does not come through, so that no other alert can be raised: docs/on-call.md, docs/operations.md#alert-nothing-arrives'
    query: replace(loadTextContent('queries/nothingArrives.kql'), '{deployedAt}', deployedAt)
    within: 'PT1H'
    every: 'PT15M'
  }
  {
    name: 'selects-nothing'
    severity: 2
    title: 'The policy selects no device of a hub'
    description: 'The last finished sweep saw devices, and the policy selected none of them: docs/on-call.md, docs/operations.md#alert-selects-nothing'
    query: loadTextContent('queries/selectsNothing.kql')
    within: 'PT1H'
    every: 'PT1H'
  }
  {
    name: 'poison-message'
    severity: 1
    title: 'Work on a hub failed repeatedly'
    description: 'A wake-up failed five times, so its hub has no worker until the watch sends another one: docs/on-call.md, docs/operations.md#alert-poison-message'
    query: loadTextContent('queries/poisonMessage.kql')
    within: 'PT1H'
    every: 'PT15M'
  }
  {
    name: 'poison-queue'
    severity: 2
    title: 'Messages that the app cannot read lie in the poison queue'
    description: 'Something other than the keeper sends messages into hub-work. Find the sender, then clear hub-work-poison: docs/on-call.md, docs/operations.md#alert-poison-queue'
    query: loadTextContent('queries/poisonQueue.kql')
    within: 'PT1H'
    every: 'PT15M'
  }
  {
    name: 'out-of-service'
    severity: 1
    title: 'A hub is out of service because of its settings'
    description: 'An entry of HUBS is wrong, so the keeper does nothing for that hub. GET /api/health says what to write: docs/on-call.md, docs/operations.md#alert-out-of-service'
    query: loadTextContent('queries/outOfService.kql')
    within: 'PT1H'
    every: 'PT15M'
  }
  {
    name: 'unknown-hub'
    severity: 2
    title: 'Events of a hub that is not in the settings'
    description: 'New devices of that hub get no module. Add the hub, set its eventName, or remove its subscription: docs/on-call.md, docs/operations.md#alert-unknown-hub'
    query: loadTextContent('queries/unknownHub.kql')
    within: 'PT1H'
    every: 'PT15M'
  }
  {
    name: 'failure-share'
    severity: 2
    title: 'Too many modules could not be created'
    description: 'More modules of the last hour failed than is allowed. Their reasons: docs/on-call.md, docs/operations.md#alert-failure-share'
    query: replace(loadTextContent('queries/failureShare.kql'), '{failureSharePercent}', string(failureSharePercent))
    within: 'PT1H'
    every: 'PT15M'
  }
  {
    name: 'hub-blocked'
    severity: 1
    title: 'A hub refuses the keeper'
    description: 'A role or a key is missing, a quota is used up, or the hub is full; the log says which: docs/on-call.md, docs/operations.md#alert-hub-blocked'
    query: loadTextContent('queries/hubBlocked.kql')
    within: 'PT1H'
    every: 'PT15M'
  }
  {
    name: 'coverage'
    severity: 2
    title: 'Devices lack their module for a day'
    description: 'For a day no sweep found every selected device with its modules. Which devices: docs/on-call.md, docs/operations.md#alert-coverage'
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
