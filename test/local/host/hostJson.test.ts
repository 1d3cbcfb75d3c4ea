import { describe, expect, test } from '@jest/globals';
import { resolveSettings, withoutOverridden } from '../../../local/host/appSettings.ts';
import { parseHostJson, readHostJson, timeSpanToMs } from '../../../local/host/hostJson.ts';

describe('host.json', () => {
  test("host.json has the defaults of the host on a developer's machine", () => {
    expect(parseHostJson('{"version":"2.0"}')).toEqual({
      routePrefix: 'api',
      isOpenTelemetry: false,
      eventHubs: { maxEventBatchSize: 100 },
      mcp: { serverName: 'Azure Functions MCP server', serverVersion: '1.0.0' },
      functionTimeoutMs: 1_800_000,
      timerLock: { leaseMs: 60_000, retryMs: 60_000 },
      queues: {
        batchSize: 16,
        newBatchThreshold: 8,
        maxDequeueCount: 5,
        visibilityTimeoutMs: 0,
        maxPollingIntervalMs: 2_000,
        messageEncoding: 'base64',
      },
    });
  });

  test('host.json overrides the defaults, and unknown members are ignored', () => {
    const settings = parseHostJson(
      JSON.stringify({
        version: '2.0',
        functionTimeout: '00:10:00',
        telemetryMode: 'OpenTelemetry',
        logging: { logLevel: { default: 'Information' } },
        extensionBundle: { id: 'Microsoft.Azure.Functions.ExtensionBundle', version: '[4.*, 5.0.0)' },
        extensions: {
          http: { routePrefix: '' },
          queues: { batchSize: 1, newBatchThreshold: 0, visibilityTimeout: '00:01:00' },
        },
      }),
    );
    expect(settings).toMatchObject({
      routePrefix: '',
      isOpenTelemetry: true,
      functionTimeoutMs: 600_000,
      queues: { batchSize: 1, newBatchThreshold: 0, visibilityTimeoutMs: 60_000 },
    });
    expect(parseHostJson('{"functionTimeout":"-1"}').functionTimeoutMs).toBeUndefined();
  });

  test('an invalid host.json is refused with the name of every invalid field', () => {
    const text = JSON.stringify({ functionTimeout: '10 minutes', extensions: { queues: { batchSize: 33 } } });
    expect(() => parseHostJson(text)).toThrow(/functionTimeout[\s\S]*batchSize|batchSize[\s\S]*functionTimeout/);
    expect(() => parseHostJson('{')).toThrow('host.json is not valid JSON.');
  });

  test('a named host.json must exist', async () => {
    await expect(readHostJson('no/such/host.json')).rejects.toThrow('There is no host.json at "no/such/host.json".');
  });
});

describe('a time span', () => {
  test.each([
    ['00:00:02', 2_000],
    ['00:10:00', 600_000],
    ['1.02:03:04', 93_784_000],
    ['00:00:00.2500000', 250],
    ['23:59', 86_340_000],
  ])('the time span %s is %i ms', (text, ms) => expect(timeSpanToMs(text)).toBe(ms));
  test.each(['', '10', '24:00:00', '00:60:00', '00:00:60', 'PT1M', '-00:01:00'])('"%s" is not a time span', (text) => {
    expect(timeSpanToMs(text)).toBeUndefined();
  });
});

describe('settings', () => {
  test('environment variables override the settings file', () => {
    expect(withoutOverridden({ A: 'file', B: 'file' }, { A: 'environment' })).toEqual({ B: 'file' });
  });
  test('settings replace %NAME%, and the error names a missing one', () => {
    expect(resolveSettings('%A%-poison', { A: 'work' })).toBe('work-poison');
    expect(() => resolveSettings('x %A%', {})).toThrow("'%A%' does not resolve to a value; set A.");
  });
});
