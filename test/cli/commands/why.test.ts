import { describe, expect, test } from '@jest/globals';
import { CliError } from '../../../cli/cliError.ts';
import { why } from '../../../cli/commands/why.ts';
import { exitCodes } from '../../../cli/exitCodes.ts';
import { stubApi } from './stubApi.ts';

const pathOf = (hub: string) => `GET /api/hubs/${hub}/devices/pump-1/modules`;
const answerOf = (hub: string, state: string) => ({ hub, deviceId: 'pump-1', modules: [{ moduleId: 'agent', state }] });
const throttled = new CliError('The hub throttles this app', exitCodes.unreachable, 10_000);
const refused = new CliError('The app refuses the key', exitCodes.unreachable);

function api(one: unknown, other: unknown) {
  const hubs = ['one', 'other'].map((hub) => ({ hub, outOfService: null }));
  return stubApi({ 'GET /api/hubs': { hubs }, [pathOf('one')]: one, [pathOf('other')]: other });
}

describe('keeper why', () => {
  test('shows what one hub says although another is throttled', async () => {
    const { table, remarks, exitCode } = await why(api(answerOf('one', 'missing'), throttled), 'pump-1', undefined);
    expect(table?.rows).toMatchObject([['one', 'agent', 'missing']]);
    expect(remarks).toEqual(['other could not be asked: The hub throttles this app']);
    expect(exitCode).toBe(exitCodes.no);
  });

  test('shows what the hub says of a module: connection, last activity, authentication and desired properties', async () => {
    const details = {
      ...{ isConnected: false, lastActivityTime: '2026-11-01T02:03:04.000Z', authentication: 'sas', managedBy: null },
      twin: { tags: {}, desired: { collectors_process: 'on' } },
    };
    const modules = [
      { moduleId: 'agent', state: 'present', details },
      { moduleId: 'other', state: 'missing' },
    ];
    const { remarks } = await why(api({ hub: 'one', deviceId: 'pump-1', modules }, throttled), 'pump-1', undefined);
    expect(remarks?.[0]).toBe(
      'one, agent: not connected; last active 2026-11-01T02:03:04.000Z; authentication sas; desired properties {"collectors_process":"on"}',
    );
  });

  test('does not say yes while a hub could not be asked', async () => {
    expect((await why(api(answerOf('one', 'present'), throttled), 'pump-1', undefined)).exitCode).toBe(
      exitCodes.unreachable,
    );
  });

  test('fails for a key that is refused, and if no hub answers', async () => {
    await expect(why(api(answerOf('one', 'present'), refused), 'pump-1', undefined)).rejects.toBe(refused);
    await expect(why(api(throttled, throttled), 'pump-1', undefined)).rejects.toBe(throttled);
  });
});
