import { describe, expect, test } from '@jest/globals';
import { readRecords } from '../fixture.ts';
import { measuredHost } from './measuredHost.ts';

const measured = measuredHost('measured-disabled', {
  settings: { 'AzureWebJobs.nothing.Disabled': 'true', AzureWebJobs__hooked__Disabled: 'true' },
});

describe('a disabled function, as measured', () => {
  test('AzureWebJobs.X.Disabled disables it; AzureWebJobs__X__Disabled does not', async () => {
    expect((await measured.send('GET', '/api/nothing'))[0]).toBe(404);
    expect((await measured.send('GET', '/api/hooked'))[0]).toBe(200);
    expect(measured.host.functions).not.toContain('nothing');
    const [, text] = await measured.send('GET', '/admin/functions');
    const listed = JSON.parse(text) as { name: string; isDisabled: boolean }[];
    expect(listed.filter(({ isDisabled }) => isDisabled).map(({ name }) => name)).toEqual(['nothing']);
    expect(await readRecords(measured.host, 'nothing')).toEqual([]);
  });
});
