import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { HubState } from '../../../local/emulator/state/hubState.ts';
import type { TwinContent } from '../../../shared/hub/registry.ts';
import { withEmulator } from '../../local/emulator/withEmulator.ts';
import { propertyRuns } from '../../support/propertyRuns.ts';
import { accessTo, EmulatorWorker, trusting } from './emulatorWorker.ts';
import { type Device, type Expected, expected, fleets, moduleIds, policies, selectedNone } from './policyModel.ts';

// The model of `anyPolicy.test.ts`, with the real registry, the wire and the emulator's own rules in between.

/** Replaces all devices of the hub. One emulator serves every run of the property: to start one takes longer than a run. */
function replaceFleet(hub: HubState, fleet: Device[]): void {
  for (const { deviceId } of [...hub.devices()]) hub.deleteDevice(deviceId);
  for (const { name: deviceId, status, edge, authenticationType, tags, modules } of fleet) {
    const authentication = { type: authenticationType as 'sas' | 'selfSigned' | 'certificateAuthority' };
    hub.createDevice({ deviceId, status: status as 'enabled' | 'disabled', edge, authentication, tags });
    for (const [moduleId, { twin, managedBy, isConnected }] of Object.entries(modules)) {
      hub.createModule(deviceId, { moduleId, ...twin, ...(managedBy ? { managedBy } : {}) });
      if (isConnected) hub.changeDeviceSide(deviceId, moduleId, { connectionState: 'Connected' });
    }
  }
}

/** Everything that the hub has of a module: a write that changes nothing else still changes an etag and a version. */
function everythingOf(hub: HubState): Map<string, { identity: object; twin: object; key: string }> {
  return new Map(
    [...hub.modules()].map(({ deviceId, moduleId }) => [
      `${deviceId}/${moduleId}`,
      {
        identity: hub.identity(deviceId, moduleId),
        twin: hub.twin(deviceId, moduleId),
        key: hub.keyHash(deviceId, moduleId),
      },
    ]),
  );
}
type Everything = ReturnType<typeof everythingOf>;

const devicesOf = (hub: HubState) =>
  [...hub.devices()].map(({ deviceId }) => [hub.identity(deviceId), hub.twin(deviceId)]);

/** The tags and desired properties without what the hub adds; empty sections are left out, as the model does. */
function contentOf(twin: object): TwinContent {
  const { tags = {}, properties } = twin as { tags?: object; properties: { desired: object } };
  const own = (section: object) => Object.fromEntries(Object.entries(section).filter(([key]) => !key.startsWith('$')));
  const sections = { tags: own(tags), desired: own(properties.desired) };
  return Object.fromEntries(Object.entries(sections).filter(([, section]) => Object.keys(section).length > 0));
}

/** What a run did to each module of which anything is different, by name. */
function changesBetween(before: Everything, after: Everything): string[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.flatMap((path) => {
    const [old, now] = [before.get(path), after.get(path)];
    if (!old) return [`${path} created`];
    if (!now) return [`${path} removed`];
    return JSON.stringify(old) === JSON.stringify(now) ? [] : [`${path} updated`];
  });
}

describe('any policy on any fleet of the emulator', () => {
  test('one run makes the hub as the policy says, as its dry run said by name; a second one changes nothing', async () => {
    await withEmulator({}, (client, emulator) =>
      trusting(readFileSync(emulator.caFile, 'utf8'), async () => {
        const { hub } = emulator;
        const access = { sas: accessTo(emulator, client, true), entra: accessTo(emulator, client, false) };
        const property = fc.asyncProperty(policies, fleets, fc.boolean(), async (policy, fleet, bySas) => {
          replaceFleet(hub, fleet);
          const [before, devices] = [everythingOf(hub), devicesOf(hub)];
          const should: Record<string, Expected<string>> = {};
          for (const [path, { twin, key }] of before) should[path] = { twin: contentOf(twin), key };
          for (const one of fleet) {
            for (const moduleId of moduleIds) {
              const path = `${one.name}/${moduleId}`;
              const { managedBy, isConnected } = one.modules[moduleId] ?? {};
              const found = should[path] && {
                ...{ twin: should[path].twin, key: should[path].key },
                ...{ ...(managedBy ? { managedBy } : {}), isConnected: isConnected ?? false },
              };
              const spec = policy.find((some) => some.moduleId === moduleId);
              const state = expected(spec, one, found, bySas);
              if (state) should[path] = state;
              else delete should[path];
            }
          }
          const worker = new EmulatorWorker(bySas ? access.sas : access.entra, policy);

          const dry = await worker.sweep(true);
          expect(everythingOf(hub)).toEqual(before);
          const real = await worker.sweep(false);
          const after = everythingOf(hub);
          for (const run of [dry, real]) expect([run.status, run.reason]).toEqual(['done', selectedNone(run)]);
          const states = [...after].map(([path, { twin, key }]) => [
            path,
            { twin: contentOf(twin), key: should[path]?.key === 'new' && !before.has(path) ? 'new' : key },
          ]);
          expect(Object.fromEntries(states)).toEqual(should);
          expect(real.counts).toEqual(dry.counts);
          const foretold = (await worker.changesOf(dry)).map(
            ({ deviceId, moduleId, outcome }) => `${deviceId}/${moduleId} ${outcome}`,
          );
          expect(foretold.sort()).toEqual(changesBetween(before, after).sort());

          const again = await worker.sweep(false);
          expect(again.status).toBe('done');
          expect([again.counts.created, again.counts.updated, again.counts.removed]).toEqual([0, 0, 0]);
          expect(everythingOf(hub)).toEqual(after);
          expect(devicesOf(hub)).toEqual(devices);
        });
        await fc.assert(property, propertyRuns(40));
      }),
    );
  });
});
