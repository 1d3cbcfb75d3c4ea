import { expect } from '@jest/globals';
import type { Reply } from '../hubClient.ts';
import { agent, type HubUnderTest } from './hubUnderTest.ts';
import { twinPath } from './paths.ts';

/** Whose twin the checks are about: the two differ in path and shape and in nothing else. */
export type TwinOwner = 'device' | 'module';

export interface MadeTwin {
  deviceId: string;
  path: string;
}

/** A device, or a module on one, whose twin nobody has written to. */
export async function makeTwin(hub: HubUnderTest, owner: TwinOwner): Promise<MadeTwin> {
  const deviceId = await hub.makeDevice();
  if (owner === 'device') return { deviceId, path: twinPath(deviceId) };
  return { deviceId, path: twinPath(deviceId, await hub.makeModule(deviceId, agent)) };
}

/** The same with what an identity made by hand cannot have at birth: tags and desired properties. */
export async function makeWrittenTwin(hub: HubUnderTest, owner: TwinOwner, body: object): Promise<MadeTwin> {
  const twin = await makeTwin(hub, owner);
  expect((await hub.send('PATCH', twin.path, { body })).status).toBe(200);
  return twin;
}

export interface SeenTwin {
  etag: string;
  deviceEtag: string;
  version: number;
  tags?: { [name: string]: unknown };
  properties: { desired: SeenSection; reported: SeenSection };
}

export interface SeenSection {
  $metadata: { [name: string]: unknown };
  $version: number;
  [name: string]: unknown;
}

/** Reads an answer that is a twin. Throws when it is a refusal. */
export function twinOf(reply: Reply): SeenTwin {
  if (reply.status !== 200) throw new Error(`The hub answered ${reply.status} and no twin`);
  return reply.body as SeenTwin;
}

/** A section without its metadata and version. */
export function valuesOf({ $metadata: _metadata, $version: _version, ...values }: SeenSection): object {
  return values;
}
