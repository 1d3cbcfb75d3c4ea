import { describe, expect, test } from '@jest/globals';
import { HubError } from '../../../shared/hub/hubError.ts';
import type { Registry } from '../../../shared/hub/registry.ts';
import { readDetails } from '../../../shared/reconcile/readDetails.ts';
import { spec } from '../../support/policy.ts';

const name = { deviceId: 'pump-1', moduleId: spec().moduleId };
const registry = (changes: Partial<Registry> = {}) =>
  ({
    readModuleTwin: async () => ({
      ...name,
      etag: 'a',
      tags: { site: 'north', owner: 'secret' },
      desired: { interval: 5, token: 'secret' },
      desiredVersion: 2,
    }),
    readModule: async () => ({
      ...{ ...name, etag: 'b', generationId: '1', authentication: 'sas', isConnected: true },
      lastActivityTime: '2026-11-28T10:00:00.000Z',
    }),
    ...changes,
  }) as Registry;
const wanted = { ...spec(), twin: { mode: 'seed' as const, tags: { site: 'south' }, desired: { interval: 9 } } };

describe('readDetails', () => {
  test('shows of the twin only what the policy names', async () => {
    expect(await readDetails(registry(), wanted, 'pump-1')).toEqual({
      isConnected: true,
      lastActivityTime: '2026-11-28T10:00:00.000Z',
      authentication: 'sas',
      managedBy: null,
      twin: { tags: { site: 'north' }, desired: { interval: 5 } },
    });
  });

  test('has nulls where the hub hides the identity of a disabled device', async () => {
    const readModule = () =>
      Promise.reject(new HubError('contoso', 'read module', { kind: 'unauthorized', status: 401 }));
    expect(await readDetails(registry({ readModule }), wanted, 'pump-1')).toMatchObject({
      isConnected: null,
      authentication: null,
      twin: { tags: { site: 'north' } },
    });
  });

  test('passes on every other refusal, and is nothing for a module that is gone', async () => {
    const throttled = new HubError('contoso', 'read module', { kind: 'throttled', status: 429 });
    const refusing = registry({ readModule: () => Promise.reject(throttled) });
    await expect(readDetails(refusing, wanted, 'pump-1')).rejects.toBe(throttled);
    expect(await readDetails(registry({ readModuleTwin: async () => undefined }), wanted, 'pump-1')).toBeUndefined();
  });
});
