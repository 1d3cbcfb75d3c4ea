import type { HubStatus } from '../api/statusSchemas.ts';
import { totalOf } from '../run/counts.ts';
import { hubFindings } from '../status/hubFindings.ts';
import { statusOfHubs } from './hubsOf.ts';
import { firstOf, hubArg, type Tool } from './tool.ts';

/** How well each hub is covered, and what to do. */
export const coverage: Tool<'hub'> = {
  name: 'coverage',
  description:
    'Tells for each IoT hub how many of the devices that the policy selects have their module identities, what runs, what waits and why, and what to do. With one hub it also tells the causes of failures. Reads stored documents; calls no hub.',
  args: { hub: hubArg },
  async answer(services, { hub }) {
    const hubs = await statusOfHubs(services, hub);
    const { shown, notShown } = firstOf(hubs);
    const nowMs = services.clock.now();
    return {
      at: new Date(nowMs).toISOString(),
      hubs: shown.map((one) => (hubs.length === 1 ? detailed(one, nowMs) : brief(one, nowMs))),
      ...(notShown === undefined ? {} : { notShown, whatToDo: 'Name a hub to see one that is not shown.' }),
    };
  },
};

function brief(hub: HubStatus, nowMs: number) {
  const { coverage: found, liveRun } = hub;
  return {
    hub: hub.hub,
    share: found?.share ?? null,
    asOf: found?.asOf ?? null,
    missing: found?.counts.missing ?? null,
    blocked: found ? totalOf(found.counts.blocked) : null,
    pending: hub.pending,
    liveRun: liveRun?.runId ?? null,
    whatToDo: whatToDo(hub, nowMs),
  };
}

/** What an operator should do about the most urgent thing now. */
function whatToDo(hub: HubStatus, nowMs: number): string {
  const [worst] = hubFindings(hub, nowMs);
  if (worst?.level === 'bad' || hub.waitingFor === null) {
    return worst?.whatToDo ?? 'Nothing: every selected device had its modules when the last sweep ended.';
  }
  return `The work on this hub waits. ${hub.waitingFor}`;
}

function detailed(hub: HubStatus, nowMs: number) {
  const { coverage: found, liveRun, failures, outOfService, unknown } = hub;
  return {
    ...brief(hub, nowMs),
    paused: hub.paused,
    coverage: found,
    nextSweep: hub.nextSweep,
    liveRun: liveRun && {
      ...{ runId: liveRun.runId, status: liveRun.status, dryRun: liveRun.dryRun, devices: liveRun.counts.devices },
      ...{
        ofDevices: liveRun.totalDevices,
        estimatedEnd: liveRun.progress.estimatedEnd,
        waitingFor: liveRun.waitingFor,
      },
    },
    failures: failures && { runId: failures.runId, total: failures.total, causes: failures.causes.slice(0, 10) },
    ...(outOfService ? { outOfService: outOfService.slice(0, 10) } : {}),
    ...(unknown.length > 0 ? { unknown } : {}),
  };
}
