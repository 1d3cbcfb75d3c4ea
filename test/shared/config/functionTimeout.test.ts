import { describe, expect, test } from '@jest/globals';
import { readFunctionTimeout } from '../../../shared/config/functionTimeout.ts';
import { readConfig } from '../../../shared/config/readConfig.ts';

const override = 'AzureFunctionsJobHost__functionTimeout';

function read(hostJson: string | undefined, env: Record<string, string> = {}) {
  const warned: string[] = [];
  const seconds = readFunctionTimeout(env, hostJson, (setting) => warned.push(setting));
  return { seconds, warned };
}

const hostJson = (functionTimeout?: unknown) => JSON.stringify({ version: '2.0', functionTimeout });

describe('readFunctionTimeout', () => {
  test.each([
    ['00:10:00', 600, []],
    ['00:05:00', 300, ['host.json']],
    ['01:00:30', 3_630, ['host.json']],
    ['1.00:00:00', 86_400, ['host.json']],
    ['-1', 600, []],
    [undefined, 300, ['host.json']],
    ['10 minutes', 600, ['host.json']],
    ['00:00:00', 600, ['host.json']],
    [600, 600, ['host.json']],
  ])('reads %p in host.json as %d s, with the warnings %j', (written, seconds, warned) => {
    expect(read(hostJson(written))).toEqual({ seconds, warned });
  });

  test('prefers the setting by which the host overrides host.json', () => {
    expect(read(hostJson('00:10:00'), { [override]: '00:02:00' })).toEqual({ seconds: 120, warned: [override] });
    expect(read(hostJson('00:02:00'), { [override]: '00:10:00' })).toEqual({ seconds: 600, warned: [] });
    expect(read(undefined, { [override]: '00:02:00' })).toEqual({ seconds: 120, warned: [override] });
  });

  test('assumes the value of this app if host.json is not found, and warns if it cannot be read', () => {
    expect(read(undefined)).toEqual({ seconds: 600, warned: [] });
    expect(read('{ // comment\n}')).toEqual({ seconds: 600, warned: ['host.json'] });
  });
});

describe('SLICE_SECONDS', () => {
  const env = { IOTHUB_HOSTNAME: 'contoso.azure-devices.net', AzureWebJobsStorage: 'UseDevelopmentStorage=true' };

  test.each([
    ['00:10:00', 240, 540],
    ['00:30:00', 240, 1_740],
    ['00:03:00', 120, 120],
    ['00:00:30', 1, 1],
  ])('with the function timeout %s is %d s by default and at most %d s', (timeout, fallback, max) => {
    const config = (SLICE_SECONDS: string) => readConfig({ ...env, SLICE_SECONDS }, hostJson(timeout));
    expect(config('')).toMatchObject({ ok: true, config: { sliceSeconds: fallback } });
    expect(config(String(max))).toMatchObject({ ok: true, config: { sliceSeconds: max } });
    expect(config(String(max + 1))).toMatchObject({
      ok: false,
      problems: [{ setting: 'SLICE_SECONDS', message: `write a whole number from 1 to ${max}` }],
    });
  });
});
