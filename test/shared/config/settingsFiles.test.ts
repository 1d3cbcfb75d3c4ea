import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readHostJson } from '../../../shared/appFiles.ts';
import { functionTimeoutSeconds } from '../../../shared/config/functionTimeout.ts';
import { readConfig } from '../../../shared/config/readConfig.ts';
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

  /** The same with a hub of one's own. */
  const filledIn = {
    ...values,
    IOTHUB_CONNECTION_STRING: `HostName=contoso.azure-devices.net;SharedAccessKeyName=p;SharedAccessKey=${btoa('x'.repeat(9))}`,
  };

  test('is a valid configuration once the hub is filled in, and says so before', () => {
    expect(readConfig(filledIn)).toMatchObject({ ok: true, config: { hubs: [{ name: 'contoso' }], warnings: [] } });
    expect(readConfig(values)).toMatchObject({
      ok: false,
      problems: [{ setting: 'IOTHUB_CONNECTION_STRING', message: expect.stringContaining('placeholder') }],
    });
    expect(IsEncrypted).toBe(false);
  });

  test('has every setting of the code, and that of the Functions worker', () => {
    expect(Object.keys(values).sort()).toEqual([...settingNames, 'FUNCTIONS_WORKER_RUNTIME'].sort());
    expect(values.FUNCTIONS_WORKER_RUNTIME).toBe('node');
    expect(values.SWEEP_SCHEDULE).toBe(defaultSweepSchedule);
  });

  test('has the defaults as values', () => {
    const { AzureWebJobsStorage, IOTHUB_CONNECTION_STRING } = filledIn as Record<string, string>;
    const defaults = readConfig({ AzureWebJobsStorage, IOTHUB_CONNECTION_STRING });
    expect(defaults.sweepSchedule).toBe(values.SWEEP_SCHEDULE);
    expect(readConfig(filledIn)).toEqual({ ...defaults, sweepTimer: '%SWEEP_SCHEDULE%' });
  });
});

describe('docs/settings.md', () => {
  const text = read('docs/settings.md');
  const examples = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json = '']) => json);

  test('has a row for every setting of the code, in the same order', () => {
    const rows = [...text.matchAll(/^\| `(\w+)` /gm)].map(([, name]) => name);
    expect(rows.slice(0, settingNames.length)).toEqual([...settingNames]);
  });

  test('has only examples that are valid', () => {
    const hub = { ...storage, IOTHUB_HOSTNAME: 'contoso.azure-devices.net' };
    const results = examples.map((json) => {
      const value: unknown = JSON.parse(json);
      if (!Array.isArray(value)) return readConfig(value as Record<string, string>);
      return 'moduleId' in value[0] ? readConfig({ ...hub, POLICY: json }) : readConfig({ ...storage, HUBS: json });
    });
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(results).toHaveLength(7);
  });
});

describe('host.json', () => {
  const host = JSON.parse(read('host.json'));

  test('has the function timeout that limits SLICE_SECONDS', () => {
    const [hours = 0, minutes = 0, seconds = 0] = String(host.functionTimeout).split(':').map(Number);
    expect(hours * 3600 + minutes * 60 + seconds).toBe(functionTimeoutSeconds);
    expect(readHostJson({})).toBe(read('host.json'));
  });

  test('retries a failed wake-up after a minute, five times in all, and reads it as base64', () => {
    expect(host.extensions.queues).toMatchObject({
      visibilityTimeout: '00:01:00',
      maxDequeueCount: 5,
      messageEncoding: 'base64',
    });
  });

  test('makes the host send telemetry by OpenTelemetry, and sets nothing that it does not read then', () => {
    expect(host.telemetryMode).toBe('OpenTelemetry');
    expect(host.logging?.applicationInsights).toBeUndefined();
  });
});
