import { expect } from '@jest/globals';
import { missingDelaysMs } from '../../shared/pending/pendingBatch.ts';
import { policyFingerprint } from '../../shared/policy/policyFingerprint.ts';
import { readHubDocument } from '../../shared/run/hubDocument.ts';
import type { Run } from '../../shared/run/run.ts';
import { sums } from '../shared/worker/fleet.ts';
import { fullestMinute } from '../support/fullestMinute.ts';
import { agent, spec } from '../support/policy.ts';
import { setBackMs, setForwardMs } from './anyWorld.ts';
import type { LiveWorld } from './liveWorld.ts';
import { longestWaitMs } from './longestWait.ts';
import { secondModule, type WorldHub } from './worldHub.ts';

const secondMs = 1_000;
const minuteMs = 60_000;
const watchEveryMs = 5 * minuteMs;

/** Expects of a world that has come to rest all that must be true whatever happened in it. */
export async function expectOrder(world: LiveWorld): Promise<void> {
  expect(world.unexpected).toEqual([]);
  for (const hub of world.hubs) {
    const runs = await hub.bench.runs();
    for (const run of runs) await expectRun(hub, run);
    expectModules(hub, runs);
    expectGrant(world, hub);
    expectWakeUps(world, hub);
    expectShortWaits(world, hub);
  }
}

async function expectRun(hub: WorldHub, run: Run): Promise<void> {
  const { draw, name } = hub;
  const what = `${name}, ${run.dryRun ? 'dry' : 'real'} run`;
  if (run.reason?.startsWith('stalled')) {
    const workers = hub.bench.leases.acquiredSince(name, Date.parse(run.checkpointAt ?? run.requestedAt));
    expect([what, 'stalled', workers >= 3]).toEqual([what, 'stalled', true]);
    return;
  }
  if (run.status === 'cancelled') {
    expect([what, draw.cancelledAtMs !== undefined]).toEqual([what, true]);
    return;
  }
  if (run.status === 'done') return expectSums(hub, run);
  const refuses = draw.mood.kind === 'unauthorized' || draw.mood.kind === 'forbidden';
  if (run.status === 'failed') {
    expect([what, run.reason, refuses]).toEqual([what, expect.stringMatching(/needs/), true]);
    return;
  }
  expect([what, run.status, hub.staysSick || hub.staysPaused]).toEqual([what, run.status, true]);
  const { activeRun } = await readHubDocument(hub.bench.documents, name);
  // A worker that has just begun asks the hub before it says again what it waits for.
  const isTried = await hub.bench.leases.isHeld(name);
  if (activeRun?.runId === run.runId && !isTried) expect([what, run.waitingFor]).toEqual([what, expect.any(String)]);
}

/** The sums of a run that is done; exact where no device came or went. */
function expectSums(hub: WorldHub, run: Run): void {
  const { draw } = hub;
  const specs = run.policy === policyFingerprint([spec()]) ? 1 : 2;
  const { counts } = run;
  expect([hub.name, sums(run)]).toEqual([hub.name, { devices: counts.devices, pairs: counts.selected * specs }]);
  const [least, most] = [draw.devices, draw.devices + draw.ghosts + hub.newcomers.length];
  expect(counts.devices).toBeGreaterThanOrEqual(least);
  expect(counts.devices).toBeLessThanOrEqual(most);
  const disabled = draw.auth === 'sas' ? Math.max(0, Math.min(draw.disabled, draw.devices - 1)) : 0;
  const unreachable = disabled * specs;
  expect((counts.blocked.disabled ?? 0) <= unreachable).toBe(true);
  expect([hub.name, counts.failed <= (draw.ownFailure === undefined ? 0 : specs)]).toEqual([hub.name, true]);
  const gone = draw.ghosts + hub.newcomers.filter(({ isDeleted }) => isDeleted).length;
  if (!run.dryRun) expect(counts.gone).toBeLessThanOrEqual(gone * specs);
  if (!run.dryRun) expect(counts.created).toBeLessThanOrEqual(hub.made);
}

function expectModules(hub: WorldHub, runs: readonly Run[]): void {
  const { bench, name } = hub;
  if (hub.staysPaused || hub.staysSick) return;
  const reachable = (deviceId: string) =>
    deviceId !== hub.failingDevice &&
    (bench.hub.reachesDisabledDevices || bench.hub.devices.get(deviceId)?.status === 'enabled');
  for (const { deviceId, isDeleted } of hub.newcomers) {
    if (!isDeleted) expect([name, deviceId, hub.hasModule(deviceId)]).toEqual([name, deviceId, true]);
  }
  for (const run of runs.filter(({ status, dryRun }) => status === 'done' && !dryRun)) {
    const modules = run.policy === policyFingerprint([spec()]) ? [agent] : [agent, secondModule];
    const missing = hub.firstDevices.filter(
      (deviceId) => reachable(deviceId) && !modules.every((moduleId) => hub.hasModule(deviceId, moduleId)),
    );
    expect([name, missing]).toEqual([name, []]);
  }
  const modules = [...bench.hub.modules.values()].reduce((sum, { size }) => sum + size, 0);
  const deleted = hub.newcomers.filter(({ isDeleted }) => isDeleted).length;
  // Each module was made once: those of deleted devices are gone again.
  expect(hub.made - modules).toBeLessThanOrEqual(deleted * 2);
}

/**
 * Expects that no 60 s hold more registry operations than granted, whoever made them. A process that starts after the clock was set
 * forward takes what was spent before for so much older.
 */
function expectGrant({ draw }: LiveWorld, { name, bench }: WorldHub): void {
  const { limits, budgetPercent } = bench.config;
  const fullest = fullestMinute(bench, Math.max(0, minuteMs - setForwardMs(draw.clockSteps)));
  expect([name, fullest <= (limits.registryOpsPerMinute * budgetPercent) / 100 || fullest]).toEqual([name, true]);
}

/**
 * Expects that a hub with work is not forgotten, and that its wake-ups do not multiply: one at a time beside a guard and one to
 * come for each instance, what dead instances leave, for each outage of storage those of the worker and of its guard that it made
 * fail, and for each new device those of its event and of its retries.
 */
function expectWakeUps({ draw, observer, clock }: LiveWorld, hub: WorldHub): void {
  const { longestForgottenMs, mostWakeUps, workers } = observer.of(hub);
  const outageMs = draw.outages.reduce((sum, { forMs }) => sum + forMs + watchEveryMs, 0);
  const downMs = draw.disturbances.reduce((sum, { backAfterMs }) => sum + backAfterMs, 0); // nobody may be there to watch
  const mostMs = watchEveryMs + 30 * secondMs + outageMs + downMs + setBackMs(draw.clockSteps);
  expect([hub.name, longestForgottenMs <= mostMs || longestForgottenMs]).toEqual([hub.name, true]);
  const ofEachNewcomer = 1 + missingDelaysMs.length; // its event, and the retries while it is missing
  const left = 2 * (draw.disturbances.length + draw.outages.length);
  const most = 3 * draw.instances + left + ofEachNewcomer * hub.newcomers.length;
  expect([hub.name, mostWakeUps <= most || mostWakeUps]).toEqual([hub.name, true]);
  // A slice without an end of its own lasts longer, as does the pause of a hub that serves nobody.
  const longSlices = clock.elapsedMs() / (20 * secondMs);
  const shortSlices = 6 * (hub.newcomers.length + 1) + 3 * draw.disturbances.length;
  expect([hub.name, workers <= longSlices + shortSlices || workers]).toEqual([hub.name, true]);
}

function expectShortWaits(world: LiveWorld, hub: WorldHub): void {
  if (!hub.isHealthy) return;
  for (const { deviceId, isDeleted, acceptedMs, hasModuleMs } of hub.newcomers) {
    if (isDeleted || acceptedMs === undefined || hasModuleMs === undefined) continue;
    const waitedMs = hasModuleMs - acceptedMs;
    const mostMs = longestWaitMs(world, hub, acceptedMs, hasModuleMs);
    expect([hub.name, deviceId, waitedMs <= mostMs || { waitedMs, mostMs }]).toEqual([hub.name, deviceId, true]);
  }
}
