import { describe, expect, test } from '@jest/globals';
import { microAgentSettings } from '../../../shared/config/microAgentSettings.ts';
import { parsePolicy } from '../../../shared/config/parsePolicy.ts';

function problemsOf(desired: object, more: { moduleId?: string; unchecked?: boolean } = {}): string[] {
  const { moduleId = 'DefenderIotMicroAgent', unchecked } = more;
  const twin = unchecked === undefined ? { desired } : { desired, unchecked };
  const read = parsePolicy(JSON.stringify([{ moduleId, twin }]));
  return read.ok ? [] : read.problems.map(({ path, message }) => `${path}: ${message}`);
}

describe('the desired properties of the micro agent', () => {
  test('the known settings are those of the documentation', () => {
    expect(microAgentSettings).toHaveLength(43);
    expect(microAgentSettings.filter((name) => name.endsWith('_Disabled'))).toHaveLength(11);
    expect(microAgentSettings.filter((name) => name.endsWith('_CacheSize'))).toHaveLength(5);
  });

  test('may be the documented ones, with their types and units', () => {
    expect(
      problemsOf({
        ...{ Baseline_Disabled: true, Baseline_GroupsDisabled: 'a,b', Process_MessageFrequency: 'High' },
        ...{ NetworkActivity_PacketBufferSize: 2_097_152, NetworkActivity_Devices: 'eth0,eth1', Process_Mode: 2 },
        ...{ CollectorsCore_PriorityIntervals: '30,120,1440', IothubModule_MessageTimeout: 2880 },
        ...{ FileSystem_CacheSize: 1, Login_UsePAM: false, SystemInformation_HardwareVendor: 'Contoso' },
      }),
    ).toEqual([]);
  });

  test.each([
    [{ Proces_Mode: 1 }, 'has the unknown key Proces_Mode: did you mean Process_Mode?'],
    [{ interval: { seconds: 60 } }, 'has the unknown key interval: write a setting of the micro agent (https://'],
    [{ Login_CacheSize: 256 }, 'has the unknown key Login_CacheSize'],
  ])('%j is reported', (desired, message) => {
    expect(problemsOf(desired)).toEqual([expect.stringContaining(`[0].twin.desired: ${message}`)]);
  });

  test.each([
    ['Baseline_Disabled', 'true', 'write true or false'],
    ['Heartbeat_MessageFrequency', 'low', 'write "Low", "Medium" or "High"'],
    ['Process_PollingInterval', 0.1, 'write a whole number above 0: microseconds'],
    ['Process_Mode', 4, 'write 1 (automatic), 2 (netlink) or 3 (polling)'],
    ['CollectorsCore_PriorityIntervals', '30,120', 'write three whole numbers of minutes'],
    ['CollectorsCore_PriorityIntervals', [30, 120, 1440], 'write three whole numbers of minutes'],
    ['FileSystem_Paths', ['/etc'], 'write a text, with commas between the entries'],
  ])('%s: %j is reported with what to write', (name, value, message) => {
    const [problem, ...others] = problemsOf({ [name]: value });
    expect(problem).toContain(`[0].twin.desired.${name}: ${message}`);
    expect(problem).toContain('"unchecked": true');
    expect(others).toEqual([]);
  });

  test('desired properties of another module, or with "unchecked", are limited only by the hub', () => {
    expect(problemsOf({ interval: 60 }, { moduleId: 'telemetry-agent' })).toEqual([]);
    expect(problemsOf({ interval: 60 }, { unchecked: true })).toEqual([]);
    expect(problemsOf({ interval: 60 }, { unchecked: false })).toHaveLength(1);
    expect(problemsOf({ 'in.terval': 60 }, { unchecked: true })).toHaveLength(1);
  });

  test('the policy that the app uses does not contain "unchecked"', () => {
    const read = parsePolicy('[{"moduleId":"a","twin":{"desired":{"b":1},"unchecked":true}}]');
    expect(read).toMatchObject({ ok: true, value: [{ twin: { mode: 'seed', desired: { b: 1 } } }] });
    expect(JSON.stringify(read)).not.toContain('unchecked');
  });
});
