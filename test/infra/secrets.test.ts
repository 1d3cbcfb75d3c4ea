import { beforeAll, describe, expect, test } from '@jest/globals';
import { type BicepFile, type BicepReader, bicepPaths, bicepReader } from './bicepFile.ts';
import { bodyOf, under } from './bicepValue.ts';

let read: BicepReader;
let files: BicepFile[];
beforeAll(async () => {
  read = await bicepReader();
  files = bicepPaths.map((path) => read(path));
});

describe('secrets', () => {
  test('are asked for nowhere and leave nowhere', () => {
    for (const { path, tree } of files) {
      for (const secret of [/list\w*keys?\(/i, /listAccountSas/i, /@secure/i, /AccountKey|SharedAccess|password/i]) {
        expect([path, secret.test(tree.text)]).toEqual([path, false]);
      }
    }
    for (const file of files) {
      for (const { name, value } of file.list('output')) {
        expect([name, /key|secret|token|connectionstring/i.test(`${name} ${value?.text}`)]).toEqual([name, false]);
      }
    }
  });

  test('are not what storage and telemetry let in with', () => {
    const account = bodyOf(read('app/storage.bicep').find('resource', 'account').value);
    expect(under(account, 'properties')).toMatchObject({
      allowSharedKeyAccess: false,
      allowBlobPublicAccess: false,
      supportsHttpsTrafficOnly: true,
    });
    const insights = bodyOf(read('watch/insights.bicep').find('resource', 'insights').value);
    expect(under(insights, 'properties', 'DisableLocalAuth')).toBe(true);
  });
});
