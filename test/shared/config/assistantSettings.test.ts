import { expect, test } from '@jest/globals';
import { readConfig } from '../../../shared/config/readConfig.ts';

const env = { IOTHUB_HOSTNAME: 'contoso.azure-devices.net', AzureWebJobsStorage: 'UseDevelopmentStorage=true' };

test.each([
  [undefined, undefined],
  ['', undefined],
  ['read', 'read'],
  [' START ', 'start'],
])('ASSISTANT_TOOLS=%j gives the tools %j', (ASSISTANT_TOOLS, mode) => {
  const result = readConfig({ ...env, ASSISTANT_TOOLS });
  expect(result).toMatchObject({ ok: true });
  expect(result.assistantTools).toBe(mode);
});

test.each(['on', 'true', 'write', 'read,start'])('ASSISTANT_TOOLS=%s is reported, and gives no tools', (text) => {
  const result = readConfig({ ...env, ASSISTANT_TOOLS: text });
  expect(result.assistantTools).toBeUndefined();
  expect(result).toMatchObject({ ok: false, problems: [{ setting: 'ASSISTANT_TOOLS' }] });
  expect(JSON.stringify(result)).not.toContain(`"${text}"`);
});
