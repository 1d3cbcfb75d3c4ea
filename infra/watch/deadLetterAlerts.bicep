metadata description = '''
The alerts on events that Event Grid gave up. They are in the keeper's resource group: they are deleted with it, and an action group
has to be in the subscription of the rule that names it.
'''

@description('Name of the hub; names the alerts.')
param hubName string

@description('The system topic of the hub, wherever it is.')
param topicId string

@description('The subscription of the keeper on that topic.')
param eventSubscriptionName string

@description('The group that gets the alerts, in this resource group.')
param actionGroupName string

// Metrics of Microsoft.EventGrid/systemTopics.
var alerts = [
  {
    metric: 'DeadLetteredCount'
    severity: 2
    description: 'Event Grid gave up an event and wrote it to the dead letters. The next sweep finds the device: docs/on-call.md, docs/operations.md#alert-dead-letters'
  }
  {
    metric: 'DroppedEventCount'
    severity: 1
    description: 'Event Grid dropped an event and could not even write it to the dead letters: docs/on-call.md, docs/operations.md#alert-dead-letters'
  }
]

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' existing = {
  name: actionGroupName
}

resource rules 'Microsoft.Insights/metricAlerts@2026-01-01' = [
  for alert in alerts: {
    name: 'keeper-${hubName}-${alert.metric}'
    location: 'global'
    properties: {
      description: alert.description
      severity: alert.severity
      enabled: true
      scopes: [topicId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            name: alert.metric
            criterionType: 'StaticThresholdCriterion'
            metricNamespace: 'Microsoft.EventGrid/systemTopics'
            metricName: alert.metric
            dimensions: [{ name: 'EventSubscriptionName', operator: 'Include', values: [eventSubscriptionName] }]
            timeAggregation: 'Total'
            operator: 'GreaterThan'
            threshold: 0
          }
        ]
      }
      actions: [{ actionGroupId: actionGroup.id }]
    }
  }
]
