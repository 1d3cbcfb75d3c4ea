import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { functionTimeoutSeconds, readConfig } from '../../../shared/config/readConfig.ts';
import { settingNames } from '../../../shared/config/settingNames.ts';
import { defaultSweepSchedule } from '../../../shared/config/sweepSchedule.ts';

const root = join(__dirname, '../../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const storage = { AzureWebJobsStorage: 'UseDevelopmentStorage=true' };

describe('local.settings.sample.json', () => {
  const { IsEncrypted, Values: values } = JSON.parse(read('local.settings.sample.json')) as {
    IsEncrypted: boolean;
    Values: Record<string, string>;
  };

  test('it is a configuration that can be read as it is', () => {
    expect(readConfig(values)).toMatchObject({ ok: true, config: { hubs: [{ name: 'your-hub' }] } });
    expect(IsEncrypted).toBe(false);
  });

  test('it names every setting of the code, and that of the worker', () => {
    expect(Object.keys(values).sort()).toEqual([...settingNames, 'FUNCTIONS_WORKER_RUNTIME'].sort());
    expect(values.FUNCTIONS_WORKER_RUNTIME).toBe('node');
    expect(values.SWEEP_SCHEDULE).toBe(defaultSweepSchedule);
  });

  test('what it writes out are the defaults', () => {
    const { AzureWebJobsStorage, IOTHUB_CONNECTION_STRING } = values;
    expect(readConfig(values)).toEqual(readConfig({ AzureWebJobsStorage, IOTHUB_CONNECTION_STRING }));
  });
});

describe('docs/settings.md', () => {
  const text = read('docs/settings.md');
  const examples = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json = '']) => json);

  test('it has a row for every setting of the code, in its order', () => {
    const rows = [...text.matchAll(/^\| `(\w+)` /gm)].map(([, name]) => name);
    expect(rows.slice(0, settingNames.length)).toEqual([...settingNames]);
  });

  test('each of its examples can be read', () => {
    const hub = { ...storage, IOTHUB_HOSTNAME: 'contoso.azure-devices.net' };
    const results = examples.map((json) => {
      const value: unknown = JSON.parse(json);
      if (!Array.isArray(value)) return readConfig(value as Record<string, string>);
      return 'moduleId' in value[0] ? readConfig({ ...hub, POLICY: json }) : readConfig({ ...storage, HUBS: json });
    });
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(results).toHaveLength(5);
  });
});

describe('host.json', () => {
  const host = JSON.parse(read('host.json'));

  test('a slice is bounded by the timeout that is set there', () => {
    const [hours = 0, minutes = 0, seconds = 0] = String(host.functionTimeout).split(':').map(Number);
    expect(hours * 3600 + minutes * 60 + seconds).toBe(functionTimeoutSeconds);
  });

  test('a failed ring waits a minute, is tried five times, and is base64', () => {
    expect(host.extensions.queues).toMatchObject({
      visibilityTimeout: '00:01:00',
      maxDequeueCount: 5,
      messageEncoding: 'base64',
    });
  });

  test('the host samples nothing away, and tells by OpenTelemetry, as its worker does', () => {
    expect(host.telemetryMode).toBe('OpenTelemetry');
    expect(host.logging.applicationInsights.samplingSettings.isEnabled).toBe(false);
  });
});
