metadata description = 'What hubs.json says of a hub, and the name of its topic. All phases read it.'

@export()
@description('An IoT hub that exists already.')
type hub = {
  @description('Its name: the first label of its host name.')
  @minLength(3)
  @maxLength(50)
  name: string

  @description('The resource group that it is in.')
  resourceGroup: string

  @description('Its subscription, where that is not the one of the deployment.')
  subscriptionId: string?

  @description('The tier to assume, where it differs from that of the hub.')
  tier: ('F1' | 'B1' | 'B2' | 'B3' | 'S1' | 'S2' | 'S3')?

  @description('The units to assume, where they differ from those of the hub.')
  @minValue(1)
  @maxValue(200)
  units: int?

  @description('The share of its throttles that the keeper may use, where that is not the one of all hubs.')
  @minValue(1)
  @maxValue(100)
  budgetPercent: int?

  @description('Whether its events wait and its sweeps are refused.')
  paused: bool?

  @description('Whether the policy writes twins of modules that exist (seed, enforce, patched), for which the keeper needs one role more.')
  writesTwins: bool?

  @description('Single limits that Microsoft granted it, as in docs/settings.md.')
  limits: object?

  @description('Name of the Event Grid system topic that it already has, in its own group: a hub can have only one.')
  @minLength(3)
  @maxLength(50)
  systemTopic: string?
}

@export()
@description('The system topic of a hub: the one that hubs.json names, or the one that the template creates. At most 50 characters, and the same for every keeper, since a hub has one.')
func topicOf(one hub) string =>
  one.?systemTopic ?? 'keeper-${toLower(take(one.name, 29))}-${uniqueString(toLower(one.resourceGroup), toLower(one.name))}'
