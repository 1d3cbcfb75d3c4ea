import { setTimeout as delay } from 'node:timers/promises';
import type { RunAnswer } from '../../shared/api/runSchemas.ts';
import type { HubState } from '../emulator/state/hubState.ts';
import type { HubClient } from '../hubClient.ts';
import type { Screen } from './screen.ts';

/** What every step of the demonstration uses. */
export interface DemoContext {
  screen: Screen;
  /** Calls the hub as any client does. */
  client: HubClient;
  /** The state that the hub has stored. */
  hub: HubState;
  hubName: string;
  moduleId: string;
  /** Address of the Functions host. */
  url: string;
}

/** A step fails after this time without progress. */
const progressLimitMs = 50_000;
/** Interval between two requests to the app. */
const pollIntervalMs = 250;
/** Interval between two reads of the emulator's state, which are not requests to the hub. */
const lookIntervalMs = 20;

/** Creates a device on the hub and waits until the app has created its module. */
export async function showEvent({ screen, client, hub, moduleId }: DemoContext, deviceId: string): Promise<void> {
  await client.createDevice(deviceId);
  screen.line(`   created on the hub: ${deviceId}`);
  const hasModule = async () => hub.module(deviceId, moduleId) !== undefined;
  await until(`${deviceId} to get its module`, hasModule, { intervalMs: lookIntervalMs });
  const [device, module] = [hub.device(deviceId), hub.module(deviceId, moduleId)];
  const laterMs = (module?.createdAtMs ?? 0) - (device?.createdAtMs ?? 0);
  screen.line(`   ${moduleId} is on it ${Math.round(laterMs)} ms later`);
}

/** Requests the module of one device by HTTP, and reads the result. */
export async function showHttp({ screen, hubName, url }: DemoContext, deviceId: string): Promise<void> {
  const path = `/api/hubs/${hubName}/devices/${encodeURIComponent(deviceId)}/modules`;
  screen.line(`   PUT ${path}`);
  screen.line(`   ${JSON.stringify(await call('PUT', url + path))}`);
  screen.line(`   GET ${path}`);
  screen.line(`   ${JSON.stringify(await call('GET', url + path))}`);
}

/** Runs the nightly sweep manually and shows its progress to the end. */
export async function showSweep({ screen, hubName, url }: DemoContext): Promise<void> {
  const response = await fetch(`${url}/admin/functions/nightlySweep`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"input":""}',
  });
  if (response.status !== 202) throw new Error(`The nightly sweep could not be started: HTTP ${response.status}`);
  let run: RunAnswer | undefined;
  const hasEnded = async () => {
    const { runs } = (await call('GET', `${url}/api/sweeps?hub=${hubName}`)) as { runs: RunAnswer[] };
    run = runs[0];
    if (run && run.status !== 'done') drawProgress(screen, run); // the last line is drawn below, full
    return run !== undefined && run.status !== 'queued' && run.status !== 'running';
  };
  // A large fleet takes longer than any fixed limit, so the limit applies to the time without progress.
  await until('progress of the sweep', hasEnded, {
    intervalMs: pollIntervalMs,
    progress: () => JSON.stringify(run?.counts),
  });
  if (run?.status !== 'done') throw new Error(`The sweep ended ${run?.status}: ${run?.reason}`);
  const { devices, created, unchanged, excluded, failed } = run.counts;
  // The hub may count devices that its query index does not list yet.
  screen.bar(devices, devices, `${created} created, done`);
  screen.line(
    `   run ${run.runId}: ${devices} devices, ${created} created, ${unchanged} had it already, ${excluded.edge ?? 0} Edge devices left out, ${failed} failed`,
  );
}

function drawProgress(screen: Screen, { counts, totalDevices, status, waitingFor }: RunAnswer): void {
  const { created, unchanged, gone, failed, excluded, blocked } = counts;
  const settled = created + unchanged + gone + failed + sum(excluded) + sum(blocked);
  screen.bar(settled, totalDevices ?? 1, `${created} created, ${status}${waitingFor ? ', waits for the hub' : ''}`);
}

function sum(byReason: Record<string, number>): number {
  return Object.values(byReason).reduce((total, count) => total + count, 0);
}

async function call(method: string, url: string): Promise<unknown> {
  const response = await fetch(url, { method });
  if (!response.ok)
    throw new Error(`${method} ${new URL(url).pathname} returned ${response.status}: ${await response.text()}`);
  return response.json();
}

/** Polls until `isDone`. Rejects after `progressLimitMs` in which the value of `progress` did not change. */
async function until(
  what: string,
  isDone: () => Promise<boolean>,
  { intervalMs, progress = () => '' }: { intervalMs: number; progress?: () => unknown },
): Promise<void> {
  let lastProgress = progress();
  let deadlineMs = performance.now() + progressLimitMs;
  while (!(await isDone())) {
    if (progress() !== lastProgress) deadlineMs = performance.now() + progressLimitMs;
    lastProgress = progress();
    if (performance.now() > deadlineMs) throw new Error(`Timed out after ${progressLimitMs / 1000} s: ${what}.`);
    await delay(intervalMs);
  }
}
