import { metrics } from '../../../shared/telemetry/metrics.ts';
import type { LogRecord, MetricRecord, SpanRecord } from '../../../shared/telemetry/records.ts';
import { startExporterThread } from '../../../shared/telemetry/startExporterThread.ts';

/*
 * A separate process, because Node reads the certificate authority of the stub at start. Sends records and one metric to
 * the exporter thread in one command, then a flush; prints each event of the thread, and exits after the flush.
 * Arguments: connection string, `spans` or `lines`, number of records.
 */
const [connectionString = '', kind, count] = process.argv.slice(2);
const hex = (index: number, digits: number) => (index + 1).toString(16).padStart(digits, '0');
const lineOf = (index: number): LogRecord => ({
  type: 'log',
  level: 'error',
  message: `line ${index}`,
  fields: { hub: 'contoso' },
  atMs: Date.now(),
});
const failedSpanOf = (index: number): SpanRecord => ({
  type: 'span',
  name: 'read device twin',
  kind: 'call',
  traceId: hex(index, 32),
  spanId: hex(index, 16),
  startMs: Date.now(),
  endMs: Date.now(),
  failed: true,
  attributes: { hub: 'contoso' },
  links: [],
  sampleRatePercent: 100,
});

const thread = startExporterThread(
  { connectionString, instruments: metrics, withToken: false },
  {
    onEvent: ({ event }) => {
      console.log(event);
      if (event === 'flushed') process.exit(0);
    },
    onEnd: () => process.exit(1),
  },
  () => Promise.reject(new Error('no credential is needed')),
);
const recordOf = kind === 'spans' ? failedSpanOf : lineOf;
const records = Array.from({ length: Number(count) }, (_, index) => recordOf(index));
const measured: MetricRecord = { type: 'metric', name: 'keeper.hub_calls', value: 7, attributes: { hub: 'contoso' } };
thread.send({ command: 'write', records: [...records, measured] });
thread.send({ command: 'flush' });
setTimeout(() => process.exit(2), 300_000); // for hangs only; the thread alone does not keep the process running
