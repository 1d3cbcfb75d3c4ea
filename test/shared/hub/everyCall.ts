import { expect } from '@jest/globals';
import type { ProbeMethod } from './azureRegistryProbe.ts';
import type { ScriptedHub } from './scriptedHub.ts';
import { agent } from './wireWords.ts';

export const creation = { deviceId: "a'b", moduleId: agent, authentication: 'sas' };
export const pair = [creation, { ...creation, deviceId: '50%_#1?' }];
const calls: [ProbeMethod, ...unknown[]][] = [
  ['getDevice', 'a'],
  ['hasModule', creation],
  ['readModuleTwin', creation],
  ['readModule', creation],
  ['createModule', creation],
  ['createModules', pair],
  ['writeModuleTwin', creation, { tags: { a: 1 } }, 'AAAAAAAAAAE='],
  ['removeModule', creation, 'AAAAAAAAAAE='],
  ['listDevices', { withTags: true, maxRows: 100 }],
  ['findModules', { text: 'SELECT deviceId, moduleId FROM devices.modules' }],
  ['countDevices'],
];

const byEtag: ProbeMethod[] = ['writeModuleTwin', 'removeModule'];

/** Makes every call of the registry, and expects the same error from each, without a secret. */
export async function expectOfEveryCall(error: object, caller: ReturnType<ScriptedHub['caller']>): Promise<void> {
  for (const [method, ...args] of calls) {
    const result = await caller(method, ...args);
    if ('kind' in error && error.kind === 'etagMismatch' && byEtag.includes(method)) {
      expect(result).toMatchObject({ result: 'conflict', leaks: [] });
      continue;
    }
    expect(result).toMatchObject({ error: { isHubError: true, ...error }, leaks: [] });
    expect(result).not.toHaveProperty('result');
  }
}
