/** How a metric is made up, for whoever creates it at the exporter. */
interface MetricKind {
  kind: 'counter' | 'gauge' | 'histogram';
  unit: string;
  description: string;
  /** All that may be told beside a value. */
  attributes: readonly string[];
}

/** Every metric; dashboards and alerts rely on these names, units and attributes (docs/telemetry.md). */
export const metrics = {
  'keeper.outcomes': {
    kind: 'counter',
    unit: '{module}',
    description: 'What came of a spec on a device',
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
    description: 'Time waited because the hub answered 429',
    attributes: ['hub', 'operationClass'],
  },
  'keeper.budget_used': {
    kind: 'gauge',
    unit: '1',
    description: 'Spent in the last minute of what is granted a minute',
    attributes: ['hub', 'operationClass'],
  },
  'keeper.pending_devices': {
    kind: 'gauge',
    unit: '{device}',
    description: 'Approximate number of devices that wait in their queue',
    attributes: ['hub'],
  },
  'keeper.coverage': {
    kind: 'gauge',
    unit: '1',
    description: 'Share of the wanted modules that were there at the end of the last finished sweep',
    attributes: ['hub'],
  },
  'keeper.run_seconds': {
    kind: 'histogram',
    unit: 's',
    description: 'How long a run took',
    attributes: ['hub', 'status', 'dryRun'],
  },
  'keeper.event_to_module_seconds': {
    kind: 'histogram',
    unit: 's',
    description: "From the event's own time to the module's creation",
    attributes: ['hub'],
  },
  'keeper.hub_blocked': {
    kind: 'gauge',
    unit: '1',
    description: '1 while the hub refuses the app altogether',
    attributes: ['hub'],
  },
} as const satisfies Record<string, MetricKind>;

export type MetricName = keyof typeof metrics;

type NameOf<Kind extends MetricKind['kind']> = {
  [Name in MetricName]: (typeof metrics)[Name]['kind'] extends Kind ? Name : never;
}[MetricName];

export type CounterName = NameOf<'counter'>;
export type GaugeName = NameOf<'gauge'>;
export type HistogramName = NameOf<'histogram'>;
