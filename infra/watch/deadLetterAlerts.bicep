metadata description = 'The alerts on events that Event Grid gave up.'

@description('The system topic of the hub.')
param topicName string

@description('Who is told.')
param actionGroupId string

// Metrics of Microsoft.EventGrid/systemTopics.
var alerts = [
  {
    metric: 'DeadLetteredCount'
    severity: 2
    description: 'Event Grid gave up an event and wrote it to the dead letters. The next sweep makes up for it: docs/operations.md#alert-dead-letters'
  }
  {
    metric: 'DroppedEventCount'
    severity: 1
    description: 'Event Grid dropped an event and could not even write it to the dead letters: docs/operations.md#alert-dead-letters'
  }
]

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource rules 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for alert in alerts: {
    name: '${topicName}-${alert.metric}'
    location: 'global'
    properties: {
      description: alert.description
      severity: alert.severity
      enabled: true
      scopes: [topic.id]
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
            dimensions: [{ name: 'EventSubscriptionName', operator: 'Include', values: ['module-keeper'] }]
            timeAggregation: 'Total'
            operator: 'GreaterThan'
            threshold: 0
          }
        ]
      }
      actions: [{ actionGroupId: actionGroupId }]
    }
  }
]
