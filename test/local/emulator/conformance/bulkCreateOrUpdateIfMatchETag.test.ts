import { describe, expect, test } from '@jest/globals';
import { bulk, expectDone, expectErrors, kinds, present, unusedIdentity } from './bulkEntries.ts';
import { hubUnderTest } from './hubUnderTest.ts';
import { identityOf } from './identities.ts';

const hub = hubUnderTest();
const importMode = 'createOrUpdateIfMatchETag';

// ImportMode.cs of azure-iot-sdk-csharp, for imports; that POST /devices takes it too is unproven.
describe.each(kinds)('POST /devices, createOrUpdateIfMatchETag a %s', (kind) => {
  const member = kind === 'device' ? 'statusReason' : 'managedBy';

  test('creates a missing identity', async () => {
    const free = await unusedIdentity(hub, kind);
    expectDone(await bulk(hub, [{ ...free.names, importMode, eTag: 'c3RhbGU=', [member]: 'new' }]));
    expect((await hub.send('GET', free.path)).body).toMatchObject({ [member]: 'new' });
  });

  test('replaces an existing identity with its current etag, once', async () => {
    const there = await present(hub, kind, { [member]: 'before' });
    const { etag } = identityOf(await hub.send('GET', there.path));
    const change = { ...there.names, importMode, eTag: etag, [member]: 'after' };
    expectDone(await bulk(hub, [change]));
    expectErrors(await bulk(hub, [{ ...change, [member]: 'late' }]), importMode, [[there, 'PreconditionFailed']]);
    expect((await hub.send('GET', there.path)).body).toMatchObject({ [member]: 'after' });
  });
});
