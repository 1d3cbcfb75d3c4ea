/** The definition of a metric, from which the exporter creates it. */
interface MetricKind {
  kind: 'counter' | 'gauge' | 'histogram';
  /** The unit in UCUM notation, as OpenTelemetry requires. */
  unit: string;
  description: string;
  /** The only attributes that a measurement may have. */
  attributes: readonly string[];
}

/** Every metric. Dashboards and alerts depend on these names, units and attributes (docs/telemetry.md). */
export const metrics = {
  'keeper.outcomes': {
    kind: 'counter',
    unit: '{module}',
    description: 'Outcomes of specs on devices',
    attributes: ['hub', 'moduleId', 'outcome', 'reason', 'path'],
  },
  'keeper.hub_calls': {
    kind: 'counter',
    unit: '{call}',
    description: 'Calls to a hub',
    attributes: ['hub', 'operationClass', 'operation', 'status'],
  },
  'keeper.throttled_seconds': {
    kind: 'counter',
    unit: 's',
    description: 'Time waited because the hub responded 429',
    attributes: ['hub', 'operationClass'],
  },
  'keeper.budget_used': {
    kind: 'gauge',
    unit: '1',
    description: 'Share of the budget of one minute that was spent in the last minute',
    attributes: ['hub', 'operationClass'],
  },
  'keeper.pending_devices': {
    kind: 'gauge',
    unit: '{device}',
    description: 'Approximate number of devices in the pending queue',
    attributes: ['hub'],
  },
  'keeper.coverage': {
    kind: 'gauge',
    unit: '1',
    description: 'Share of the selected modules that existed at the end of the last finished sweep',
    attributes: ['hub'],
  },
  'keeper.sweep_age_seconds': {
    kind: 'gauge',
    unit: 's',
    description: 'Time since the last finished sweep, or since the hub is watched',
    attributes: ['hub'],
  },
  'keeper.selects_nothing': {
    kind: 'gauge',
    unit: '1',
    description: '1 while the policy selected none of the devices that the last finished sweep saw',
    attributes: ['hub'],
  },
  'keeper.run_seconds': {
    kind: 'histogram',
    unit: 's',
    description: 'Duration of a run',
    attributes: ['hub', 'status', 'dryRun'],
  },
  'keeper.event_to_module_seconds': {
    kind: 'histogram',
    unit: 's',
    description: 'From the time of the event to the creation of the module',
    attributes: ['hub'],
  },
  'keeper.hub_blocked': {
    kind: 'gauge',
    unit: '1',
    description: '1 while the hub refuses all calls of the app',
    attributes: ['hub'],
  },
  'keeper.hub_out_of_service': {
    kind: 'gauge',
    unit: '1',
    description: '1 while the settings of the hub are wrong',
    attributes: ['hub'],
  },
  'keeper.ignored_events': {
    kind: 'counter',
    unit: '{event}',
    description: 'Events that were acknowledged and ignored',
    attributes: ['why'],
  },
  'keeper.poisoned_wake_ups': {
    kind: 'gauge',
    unit: '{message}',
    description: 'Approximate number of messages in the poison queue of the wake-ups',
    attributes: [],
  },
} as const satisfies Record<string, MetricKind>;

export type MetricName = keyof typeof metrics;

type NameOf<Kind extends MetricKind['kind']> = {
  [Name in MetricName]: (typeof metrics)[Name]['kind'] extends Kind ? Name : never;
}[MetricName];

export type CounterName = NameOf<'counter'>;
export type GaugeName = NameOf<'gauge'>;
export type HistogramName = NameOf<'histogram'>;
