import { describe, expect, test } from '@jest/globals';
import { claims } from '../../../scripts/liveCheck/claims.ts';
import { readCommandLine, UsageError } from '../../../scripts/liveCheck/commandLine.ts';

const key = Buffer.alloc(32, 1).toString('base64');
const connectionString = `HostName=contoso.azure-devices.net;SharedAccessKeyName=iothubowner;SharedAccessKey=${key}`;
const env = { HUB: connectionString, EMPTY: '', DEVICE: `${connectionString};DeviceId=d`, BROKEN: 'HostName=a b' };

describe('The command line of the live check', () => {
  test('takes a connection string from a variable, or a host name', () => {
    expect(readCommandLine(['--connection-string-from', 'HUB'], env)).toEqual({
      ...{ kind: 'check', access: 'sas', hostName: 'contoso.azure-devices.net', connectionString },
      ...{ recordingsFolder: undefined, claims },
    });
    const byHost = readCommandLine(
      ['--hub', 'contoso.azure-devices.net', '--only', 'index-delay', '--recordings', 'r'],
      {},
    );
    expect(byHost).toMatchObject({ access: 'entra', recordingsFolder: 'r', claims: [{ id: 'index-delay' }] });
    expect(readCommandLine(['--help'], {})).toEqual({ kind: 'help' });
  });

  test.each<[string[], string]>([
    [[], 'Write either --connection-string-from NAME'],
    [['--hub', 'contoso.azure-devices.net', '--connection-string-from', 'HUB'], 'Write either'],
    [['--connection-string-from', connectionString], 'takes the name of an environment variable'],
    [['--connection-string-from', 'NONE'], 'The environment variable NONE is not set'],
    [['--connection-string-from', 'EMPTY'], 'The environment variable EMPTY is not set'],
    [['--connection-string-from', 'DEVICE'], 'is the connection string of a device'],
    [['--connection-string-from', 'BROKEN'], 'The value of BROKEN has no'],
    [['--hub', 'contoso'], 'write the whole host name'],
    [['--hub', 'https://contoso.azure-devices.net'], 'without a scheme'],
    [['--hub', 'contoso.azure-device.net'], 'is not a host of an IoT hub'],
    [['--hub', 'contoso.azure-devices.net', '--only', 'none'], '--only takes some of these'],
    [['--hub', 'contoso.azure-devices.net', '--recordings', ''], '--recordings takes the path of a folder'],
    [['--hubs', 'x'], '--hubs is unknown here'],
    [[connectionString], 'The arguments cannot be read'],
  ])('%j is refused with what to write, and no key', (args, message) => {
    const refusal = (() => {
      try {
        return readCommandLine(args, env);
      } catch (error) {
        return error;
      }
    })();
    expect(refusal).toBeInstanceOf(UsageError);
    expect((refusal as Error).message).toContain(message);
    expect((refusal as Error).message).not.toContain(key);
  });
});
