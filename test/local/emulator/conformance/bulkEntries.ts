import { expect } from '@jest/globals';
import type { Reply } from '../hubClient.ts';
import { agent, type HubUnderTest } from './hubUnderTest.ts';
import { devicePath, modulePath, twinPath } from './paths.ts';

/** What a bulk entry is about; most import modes treat both alike. */
export type Kind = 'device' | 'module';
export const kinds: readonly Kind[] = ['device', 'module'];

/** One identity as bulk calls and single calls name it. */
export interface BulkSubject {
  id: string;
  /** What goes into every entry: `id`, and `moduleId` for a module. */
  names: { id: string; moduleId?: string };
  path: string;
  twinPath: string;
}

const subjectOf = (kind: Kind, id: string): BulkSubject =>
  kind === 'device'
    ? { id, names: { id }, path: devicePath(id), twinPath: twinPath(id) }
    : { id, names: { id, moduleId: agent }, path: modulePath(id, agent), twinPath: twinPath(id, agent) };

/** Something that a bulk call can make: a free device id, or a free module id on a device that is there. */
export async function freePlace(hub: HubUnderTest, kind: Kind): Promise<BulkSubject> {
  return subjectOf(kind, kind === 'device' ? hub.newId() : await hub.makeDevice());
}

/** A device, or a module on one, that is there. */
export async function present(hub: HubUnderTest, kind: Kind, more: object = {}): Promise<BulkSubject> {
  const id = await hub.makeDevice(kind === 'device' ? more : {});
  if (kind === 'module') await hub.makeModule(id, agent, more);
  return subjectOf(kind, id);
}

export const bulk = (hub: HubUnderTest, entries: readonly unknown[]): Promise<Reply> =>
  hub.send('POST', '/devices', { body: entries, apiVersion: '2020-03-13' });

/** Fails unless every entry was done. */
export function expectDone(reply: Reply): void {
  expect([reply.status, reply.body]).toEqual([200, { isSuccessful: true, errors: [], warnings: [] }]);
}

/** Fails unless exactly these entries were not done, for these reasons, in this order. */
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

/** The error of a single entry whose identity is not there. */
export const missingCode = (kind: Kind): string => (kind === 'device' ? 'DeviceNotFound' : 'ModuleNotFound');
