import { expect } from '@jest/globals';
import type { Reply } from '../hubClient.ts';
import { agent, type HubUnderTest } from './hubUnderTest.ts';
import { devicePath, modulePath, twinPath } from './paths.ts';

/** The kind of a bulk entry's identity; most import modes treat both alike. */
export type Kind = 'device' | 'module';
export const kinds: readonly Kind[] = ['device', 'module'];

/** One identity, for bulk calls and single calls. */
export interface BulkSubject {
  id: string;
  /** The members of every entry: `id`, and `moduleId` for a module. */
  names: { id: string; moduleId?: string };
  path: string;
  twinPath: string;
}

const subjectOf = (kind: Kind, id: string): BulkSubject =>
  kind === 'device'
    ? { id, names: { id }, path: devicePath(id), twinPath: twinPath(id) }
    : { id, names: { id, moduleId: agent }, path: modulePath(id, agent), twinPath: twinPath(id, agent) };

/** An identity that does not exist yet: an unused device id, or an unused module id on an existing device. */
export async function unusedIdentity(hub: HubUnderTest, kind: Kind): Promise<BulkSubject> {
  return subjectOf(kind, kind === 'device' ? hub.newId() : await hub.makeDevice());
}

/** Creates a device, or a module on one. */
export async function present(hub: HubUnderTest, kind: Kind, more: object = {}): Promise<BulkSubject> {
  const id = await hub.makeDevice(kind === 'device' ? more : {});
  if (kind === 'module') await hub.makeModule(id, agent, more);
  return subjectOf(kind, id);
}

export const bulk = (hub: HubUnderTest, entries: readonly unknown[]): Promise<Reply> =>
  hub.send('POST', '/devices', { body: entries, apiVersion: '2020-03-13' });

/** Fails unless every entry succeeded. */
export function expectDone(reply: Reply): void {
  expect([reply.status, reply.body]).toEqual([200, { isSuccessful: true, errors: [], warnings: [] }]);
}

/** Fails unless exactly these entries failed, for these reasons, in this order. */
export function expectErrors(
  reply: Reply,
  operation: string,
  errors: readonly (readonly [subject: BulkSubject, errorCode: string])[],
): void {
  expect([reply.status, reply.headers['iothub-errorcode']]).toEqual([400, 'BulkRegistryOperationFailure']);
  expect(reply.body).toEqual({
    isSuccessful: false,
    errors: errors.map(([{ names }, errorCode]) => ({
      deviceId: names.id,
      moduleId: names.moduleId ?? null,
      errorCode,
      errorStatus: expect.any(String),
      operation,
    })),
    warnings: [],
  });
}

/** The error of an entry whose identity does not exist. */
export const missingCode = (kind: Kind): string => (kind === 'device' ? 'DeviceNotFound' : 'ModuleNotFound');
