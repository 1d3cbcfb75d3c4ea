import { setTimeout as delay } from 'node:timers/promises';
import type { HubClient } from '../hubClient.ts';
import type { Screen } from './screen.ts';

export interface Stage {
  screen: Screen;
  hub: HubClient;
  hubName: string;
  moduleId: string;
  /** Where the Functions host listens. */
  url: string;
}

/** How long nothing may happen in a scene before the demonstration counts as failed. */
const sceneLimitMs = 50_000;
const lookEveryMs = 10;

/** Creates a device on the hub, and waits until the event has led to its module. */
export async function showEvent({ screen, hub, moduleId }: Stage, deviceId: string): Promise<void> {
  await hub.createDevice(deviceId);
  const createdAtMs = performance.now();
  screen.line(`   created on the hub: ${deviceId}`);
  await until(`${deviceId} to get its module`, () => hub.hasModule(deviceId, moduleId));
  screen.line(`   ${moduleId} is on it ${Math.round(performance.now() - createdAtMs)} ms later`);
}

/** Asks for one device's module by HTTP, and has the app verify it. */
export async function showHttp({ screen, hubName, url }: Stage, deviceId: string): Promise<void> {
  const path = `/api/hubs/${hubName}/devices/${encodeURIComponent(deviceId)}/modules`;
  screen.line(`   PUT ${path}`);
  screen.line(`   ${JSON.stringify(await call('PUT', url + path))}`);
  screen.line(`   GET ${path}`);
  screen.line(`   ${JSON.stringify(await call('GET', url + path))}`);
}

interface Run {
  runId: string;
  status: string;
  reason: string | null;
  waitingFor: string | null;
  totalDevices: number | null;
  counts: { devices: number; created: number; unchanged: number; excluded: Record<string, number>; failed: number };
}

/** Sets the nightly timer off by hand, and follows its run to the end. */
export async function showSweep({ screen, hubName, url }: Stage): Promise<void> {
  const asked = await fetch(`${url}/admin/functions/nightlySweep`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"input":""}',
  });
  if (asked.status !== 202) throw new Error(`The nightly timer could not be set off: HTTP ${asked.status}`);
  let run: Run | undefined;
  const hasEnded = async () => {
    const { runs } = (await call('GET', `${url}/api/sweeps?hub=${hubName}`)) as { runs: Run[] };
    run = runs[0];
    if (run) drawProgress(screen, run);
    return run !== undefined && run.status !== 'queued' && run.status !== 'running';
  };
  // A large fleet takes longer than any fixed limit; what must not happen is that nothing goes on.
  await until('the sweep to go on', hasEnded, () => JSON.stringify(run?.counts));
  if (run?.status !== 'done') throw new Error(`The sweep ended ${run?.status}: ${run?.reason}`);
  const { devices, created, unchanged, excluded, failed } = run.counts;
  screen.line(
    `   run ${run.runId}: ${devices} devices, ${created} created, ${unchanged} had it already, ${excluded.edge ?? 0} Edge devices left out, ${failed} failed`,
  );
}

function drawProgress(screen: Screen, { counts, totalDevices, status, waitingFor }: Run): void {
  const settled = counts.created + counts.unchanged + counts.failed + (counts.excluded.edge ?? 0);
  screen.bar(
    settled,
    totalDevices ?? 1,
    `${counts.created} created, ${status}${waitingFor ? ', waits for the hub' : ''}`,
  );
}

async function call(method: string, url: string): Promise<unknown> {
  const answer = await fetch(url, { method });
  if (!answer.ok)
    throw new Error(`${method} ${new URL(url).pathname} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

/** `mark` says how far things are: as long as it changes, patience begins anew. */
async function until(what: string, isSo: () => Promise<boolean>, mark: () => unknown = () => ''): Promise<void> {
  let marked = mark();
  let deadlineMs = performance.now() + sceneLimitMs;
  while (!(await isSo())) {
    if (mark() !== marked) deadlineMs = performance.now() + sceneLimitMs;
    marked = mark();
    if (performance.now() > deadlineMs) throw new Error(`Waited ${sceneLimitMs / 1000} s for ${what}, in vain.`);
    await delay(lookEveryMs);
  }
}
