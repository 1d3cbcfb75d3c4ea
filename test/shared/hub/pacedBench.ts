import { hubBudgets } from '../../../shared/hub/hubBudgets.ts';
import type { HubErrorKind } from '../../../shared/hub/hubError.ts';
import { HubOutage, type HubOutageOptions } from '../../../shared/hub/hubOutage.ts';
import { type Pace, pacedRegistry } from '../../../shared/hub/pacedRegistry.ts';
import type { Registry } from '../../../shared/hub/registry.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { FakeHub, type Operation } from '../../support/fakeHub.ts';
import { hubConfig } from './hubConfig.ts';

export const agent = 'DefenderIotMicroAgent';
export const creation = { deviceId: 'a', moduleId: agent, authentication: 'sas' as const };

type Call = (registry: Registry) => Promise<unknown>;

/** Calls about single devices. */
export const singleCalls: [Operation, Call][] = [
  ['getDevice', (registry) => registry.getDevice('a')],
  ['hasModule', (registry) => registry.hasModule(creation)],
  ['createModule', (registry) => registry.createModule(creation)],
  ['createModules', (registry) => registry.createModules([creation])],
];
export const wholeHubCalls: [Operation, Call][] = [
  ['listDevices', (registry) => registry.listDevices({ withTags: false, maxRows: 100 })],
  ['findModules', (registry) => registry.findModules({ text: '' })],
  ['countDevices', (registry) => registry.countDevices()],
];
export const allCalls = [...singleCalls, ...wholeHubCalls];

/** A paced registry of a hub with the device `a`, and records of `onWaiting` and `beforeCall`. */
export function setUp(changes: Partial<Pace> = {}, outageChanges: Partial<HubOutageOptions> = {}) {
  const clock = new FakeClock();
  const hub = new FakeHub(clock);
  hub.addDevice('a');
  const waiting: (string | undefined)[] = [];
  const callsBefore: number[] = [];
  const abort = new AbortController();
  const probe = () => hub.registry().countDevices();
  const timing = { clock, random: () => 0.5, signal: abort.signal };
  const pace: Pace = {
    budgets: hubBudgets(hubConfig(), clock),
    priority: 'normal',
    outage: new HubOutage({
      ...{ hub: hub.name, ...timing, beforeProbe: async () => {}, probe, onChange: async () => {} },
      ...outageChanges,
    }),
    clock,
    random: () => 0.5,
    signal: abort.signal,
    cutOff: new AbortController().signal,
    beforeCall: async () => {
      callsBefore.push(hub.calls.length);
    },
    onWaiting: async (reason) => {
      waiting.push(reason);
    },
    ...changes,
  };
  const refuseFirst = (count: number, kind: HubErrorKind) => {
    hub.onCall = () => {
      if (hub.calls.length <= count) throw hub.error(kind, { status: kind === 'throttled' ? 429 : 503 });
    };
  };
  return { clock, hub, waiting, callsBefore, abort, pace, refuseFirst, registry: pacedRegistry(hub.registry(), pace) };
}

/** Milliseconds between consecutive calls. */
export function gaps(hub: FakeHub): number[] {
  return hub.calls.slice(1).map(({ atMs }, index) => atMs - (hub.calls[index]?.atMs ?? 0));
}
