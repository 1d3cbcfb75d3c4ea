import { expect } from '@jest/globals';
import type { Reply } from '../hubClient.ts';
import { agent, type HubUnderTest } from './hubUnderTest.ts';
import { twinPath } from './paths.ts';

/** Whose twin is tested; the two kinds differ only in path and format. */
export type TwinOwner = 'device' | 'module';

export interface MadeTwin {
  deviceId: string;
  path: string;
}

/** Creates a device, or a module on one, with its initial twin. */
export async function makeTwin(hub: HubUnderTest, owner: TwinOwner): Promise<MadeTwin> {
  const deviceId = await hub.makeDevice();
  if (owner === 'device') return { deviceId, path: twinPath(deviceId) };
  return { deviceId, path: twinPath(deviceId, await hub.makeModule(deviceId, agent)) };
}

/** The same with tags and desired properties, which only bulk calls can create. */
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

/** Reads a response that contains a twin. Throws if it is an error. */
export function twinOf(reply: Reply): SeenTwin {
  if (reply.status !== 200) throw new Error(`The hub returned ${reply.status} instead of a twin`);
  return reply.body as SeenTwin;
}

/** A section without its metadata and version. */
export function valuesOf({ $metadata: _metadata, $version: _version, ...values }: SeenSection): object {
  return values;
}
