import { metrics } from '../../shared/telemetry/metrics.ts';

/** What alerts and workbook may rely on: each metric, and what is told beside its values. */
export const metricAttributes: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(metrics).map(([name, { attributes }]) => [name, attributes]),
);
