import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AnonymousCredential, ContainerClient } from '@azure/storage-blob';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { blobDocuments } from '../../../shared/storage/blobDocuments.ts';
import { blobLeases } from '../../../shared/storage/blobLeases.ts';
import { StaleDocumentError } from '../../../shared/storage/documents.ts';
import { LeaseLostError } from '../../../shared/storage/leases.ts';
import { isStorageOutage } from '../../../shared/storage/storageStatus.ts';

type Refusal = [status: number, code: string];

/** The refusal of a call to the container itself, and of a call to a blob; undefined: the call succeeds. */
let refusals: { container?: Refusal; blob?: Refusal };
let server: Server;
let container: ContainerClient;

beforeEach(async () => {
  refusals = {};
  server = createServer((request, response) => {
    const [status, code] = (request.url?.includes('restype=container') ? refusals.container : refusals.blob) ?? [201];
    response.writeHead(
      status,
      code === undefined ? {} : { 'x-ms-error-code': code, 'content-type': 'application/xml' },
    );
    response.end(code === undefined ? '' : `<Error><Code>${code}</Code><Message>No.</Message></Error>`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  container = new ContainerClient(`http://127.0.0.1:${port}/account/keeper`, new AnonymousCredential(), {
    retryOptions: { maxTries: 1 },
  });
});
afterEach(async () => {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
});

const write = () => blobDocuments(container).write('hubs/contoso.json', {}, '"1"');
const addPart = () => blobDocuments(container).addPart('runs/contoso/r.failures', 1, 'text');
const acquire = () => blobLeases(container).tryAcquire('contoso');

describe('a container that is being deleted', () => {
  // Microsoft, "Delete and restore a blob container": for at least 30 s a create gets 409, and every other call 404.
  test.each([
    ['a write', write],
    ['the first write of a part', addPart],
    ['acquiring a lease', acquire],
  ])('makes %s fail as an outage, not as a conflict', async (_what, call) => {
    refusals = { container: [409, 'ContainerBeingDeleted'], blob: [404, 'ContainerNotFound'] };
    const error: unknown = await call().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ statusCode: 409, code: 'ContainerBeingDeleted' });
    expect(isStorageOutage(error)).toBe(true);
  });
});

describe('a write', () => {
  test.each([
    [409, 'BlobAlreadyExists'],
    [412, 'ConditionNotMet'],
  ])('that is refused with %i %s is stale', async (...refusal) => {
    refusals.blob = refusal;
    await expect(write()).rejects.toThrow(StaleDocumentError);
    expect(await addPart()).toBe(false);
  });

  test.each([
    [409, 'BlobImmutableDueToPolicy'],
    [409, 'ContainerDisabled'],
    [412, 'LeaseIdMissing'],
  ])('that is refused with %i %s fails with that error', async (...refusal) => {
    refusals.blob = refusal;
    const error = { statusCode: refusal[0], code: refusal[1] };
    await expect(write()).rejects.toMatchObject(error);
    await expect(addPart()).rejects.toMatchObject(error);
  });
});

describe('a lease', () => {
  test.each([
    [409, 'LeaseAlreadyPresent'],
    [409, 'LeaseIsBreakingAndCannotBeAcquired'],
  ])('that is refused with %i %s is held by another', async (...refusal) => {
    refusals.blob = refusal;
    expect(await acquire()).toBeUndefined();
  });

  test.each([
    [404, 'ContainerNotFound'],
    [409, 'LeaseIdMismatchWithLeaseOperation'],
    [409, 'LeaseIsBrokenAndCannotBeRenewed'],
    [412, 'LeaseLost'],
  ])('whose renewal is refused with %i %s is lost', async (...refusal) => {
    const lease = await acquire();
    refusals.blob = refusal;
    await expect(lease?.renew()).rejects.toThrow(LeaseLostError);
    await lease?.release();
  });

  test('that is refused with another conflict is neither held nor lost', async () => {
    const lease = await acquire();
    refusals.blob = [409, 'ContainerDisabled'];
    await expect(acquire()).rejects.toMatchObject({ code: 'ContainerDisabled' });
    await expect(lease?.renew()).rejects.toMatchObject({ code: 'ContainerDisabled' });
    await expect(lease?.release()).rejects.toMatchObject({ code: 'ContainerDisabled' });
  });
});
