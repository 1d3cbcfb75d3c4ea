import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunAnswer } from '../../shared/api/runSchemas.ts';
import type { Screen } from '../demo/screen.ts';
import type { HostProcess } from '../host/hostProcess.ts';

/** The functions that a dry run needs. All others are disabled, so no event or timer can start a run that changes a hub. */
const neededFunctions = ['startSweep', 'getSweep', 'hubWork'];
const pollIntervalMs = 500;

/** Settings that leave out all functions of the app but those that a dry run needs. */
export async function dryRunSettings(): Promise<Record<string, string>> {
  const files = await readdir(join(import.meta.dirname, '../../functions'));
  const names = files.filter((file) => file.endsWith('.ts')).map((file) => file.slice(0, -'.ts'.length));
  return Object.fromEntries(
    names.filter((name) => !neededFunctions.includes(name)).map((name) => [`AzureWebJobs.${name}.Disabled`, 'true']),
  );
}

/** Makes one dry run of each hub that is not paused, shows it, and returns whether all are done. */
export async function showDryRuns(host: HostProcess, key: string, screen: Screen): Promise<boolean> {
  const more = host.functions.filter((name) => !neededFunctions.includes(name));
  if (more.length > 0) throw new Error(`A dry run must not run these functions: ${more.join(', ')}.`);
  const call = apiCall(host.url, key);
  const { runs: started, notStarted = [] } = (await call('POST', '/api/sweeps', { dryRun: true })) as {
    runs: { hub: string; runId: string }[];
    notStarted?: { hub: string; problem: { detail: string } }[];
  };
  for (const { hub, problem } of notStarted) screen.line(`   ${hub}: not started. ${problem.detail}`);
  const runs = await untilEnded(started, call, screen);
  for (const run of runs) screen.line(`   ${lineOf(run)}`);
  return notStarted.length === 0 && runs.every(({ status }) => status === 'done');
}

async function untilEnded(
  started: readonly { hub: string; runId: string }[],
  call: ApiCall,
  screen: Screen,
): Promise<RunAnswer[]> {
  for (;;) {
    const runs = (await Promise.all(
      started.map(({ hub, runId }) => call('GET', `/api/sweeps/${hub}/${runId}`)),
    )) as RunAnswer[];
    const live = runs.filter(({ status }) => status === 'queued' || status === 'running');
    const waits = live.find(({ status, waitingFor }) => status === 'running' && waitingFor !== null)?.waitingFor;
    const sum = (part: (run: RunAnswer) => number) => runs.reduce((total, run) => total + part(run), 0);
    screen.bar(
      sum(({ counts }) => counts.devices),
      sum(({ totalDevices, counts }) => Math.max(totalDevices ?? 1, counts.devices)),
      `${sum(({ counts }) => counts.created + counts.updated + counts.removed)} would change${waits ? `; waits: ${waits}` : ''}`,
    );
    if (live.length === 0) return runs;
    await delay(pollIntervalMs);
  }
}

function lineOf({ hub, status, reason, counts }: RunAnswer): string {
  const { devices, created, updated, removed, unchanged, failed } = counts;
  const parts = [
    `${created} modules would be created`,
    ...(updated === 0 ? [] : [`${updated} twins would be written`]),
    ...(removed === 0 ? [] : [`${removed} would be REMOVED`]),
    `${unchanged} are as they should be`,
    ...Object.entries(counts.excluded).map(([why, number]) => `${number} devices left out (${why})`),
    ...Object.entries(counts.blocked).map(([why, number]) => `${number} blocked (${why})`),
    ...(failed === 0 ? [] : [`${failed} failed`]),
  ];
  return `${hub}: ${devices} devices; ${parts.join(', ')}${status === 'done' ? '' : `; ${status}`}${reason === null ? '' : `. ${reason}`}`;
}

type ApiCall = (method: string, path: string, body?: unknown) => Promise<unknown>;

function apiCall(url: string, key: string): ApiCall {
  return async (method, path, body) => {
    const response = await fetch(url + path, {
      method,
      headers: { 'x-functions-key': key, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (response.ok) return response.json();
    throw new Error(`${method} ${path} returned ${response.status}: ${await response.text()}`);
  };
}
