/**
 * What alerts and workbook may rely on. This is the one place in the tests that knows the metrics by name; once
 * `shared/telemetry` exports them, take them from there.
 */
export const metricAttributes: Record<string, readonly string[]> = {
  'keeper.outcomes': ['hub', 'moduleId', 'outcome', 'reason', 'path'],
  'keeper.hub_calls': ['hub', 'operationClass', 'operation', 'status'],
  'keeper.throttled_seconds': ['hub', 'operationClass'],
  'keeper.budget_used': ['hub', 'operationClass'],
  'keeper.pending_devices': ['hub'],
  'keeper.coverage': ['hub'],
  'keeper.run_seconds': ['hub', 'status', 'dryRun'],
  'keeper.event_to_module_seconds': ['hub'],
  'keeper.hub_blocked': ['hub'],
};
