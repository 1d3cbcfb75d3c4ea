import type { Clock } from '../../shared/clock.ts';

/** A run as the app's HTTP API returns it; only the members that are used here. */
export interface SweepView {
  runId: string;
  status: string;
  reason: string | null;
  checkpointAt: string | null;
  counts: {
    devices: number;
    selected: number;
    excluded: Record<string, number>;
    created: number;
    unchanged: number;
    gone: number;
    failed: number;
    blocked: Record<string, number>;
  };
}

/** A condition did not become true in time; the message says which. */
export class WaitTimeoutError extends Error {
  constructor(what: string) {
    super(`timed out waiting until ${what}`);
    this.name = 'WaitTimeoutError';
  }
}

const pollIntervalMs = 200;
const endLimitMs = 300_000;
/** How often `watchHubs` is called here; its timer runs every five minutes. */
const watchIntervalMs = 10_000;

/** Polls until `isDone`. Rejects with `WaitTimeoutError` after `limitMs`. */
export async function until(
  what: string,
  isDone: () => boolean | Promise<boolean>,
  { clock, limitMs }: { clock: Clock; limitMs: number },
): Promise<void> {
  const deadlineMs = clock.now() + limitMs;
  while (!(await isDone())) {
    if (clock.now() > deadlineMs) throw new WaitTimeoutError(what);
    await clock.sleep(pollIntervalMs);
  }
}

/**
 * Starts and reads the sweeps of one hub by the app's HTTP API. `url` is read at each call, since the host may restart.
 */
export class SweepClient {
  private readonly url: () => string;
  private readonly hub: string;
  private readonly key: string;

  /** `key`: one that opens functions and `/admin`, if the host wants keys. */
  constructor(url: () => string, hub: string, key = '') {
    this.url = url;
    this.hub = hub;
    this.key = key;
  }

  /** Starts a sweep; returns the run's id. */
  async start(): Promise<string> {
    const { runs } = await this.json<{ runs: { runId: string }[] }>('POST', '/api/sweeps', '{}');
    const [run] = runs;
    if (!run) throw new Error('the app started no run');
    return run.runId;
  }

  read(runId: string): Promise<SweepView> {
    return this.json('GET', `/api/sweeps/${this.hub}/${runId}`);
  }

  /** Runs `watchHubs`, which normally a timer does every five minutes. */
  async watch(): Promise<void> {
    const response = await this.send('POST', '/admin/functions/watchHubs', '{"input":""}');
    await response.arrayBuffer();
  }

  private async json<T>(method: string, path: string, body?: string): Promise<T> {
    const response = await this.send(method, path, body);
    return (await response.json()) as T;
  }

  private async send(method: string, path: string, body?: string): Promise<Response> {
    const headers = {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(this.key === '' ? {} : { 'x-functions-key': this.key }),
    };
    const response = await fetch(this.url() + path, { method, headers, ...(body === undefined ? {} : { body }) });
    if (!response.ok) throw new Error(`${method} ${path} returned ${response.status}: ${await response.text()}`);
    return response;
  }
}

/** Whether a run is neither queued nor running. */
export function hasEnded({ status }: SweepView): boolean {
  return status !== 'queued' && status !== 'running';
}

/**
 * Polls a run until `isDone`, and calls `watchHubs` regularly. Rejects with `WaitTimeoutError`, whose message contains
 * the run.
 */
export async function untilRun(
  what: string,
  isDone: (run: SweepView) => boolean,
  wait: { sweeps: SweepClient; runId: string; clock: Clock; limitMs: number },
): Promise<SweepView> {
  const { sweeps, runId, clock, limitMs } = wait;
  let watchedAtMs = clock.now();
  let run = await sweeps.read(runId);
  const deadlineMs = clock.now() + limitMs;
  while (!isDone(run)) {
    if (clock.now() > deadlineMs) throw new WaitTimeoutError(`${what}; the run is ${JSON.stringify(run)}`);
    if (clock.now() - watchedAtMs > watchIntervalMs) {
      watchedAtMs = clock.now();
      await sweeps.watch();
    }
    await clock.sleep(pollIntervalMs);
    run = await sweeps.read(runId);
  }
  return run;
}

/** Resolves with the run when it has ended. Rejects with `WaitTimeoutError`. */
export function endOf(sweeps: SweepClient, runId: string, clock: Clock): Promise<SweepView> {
  return untilRun('the run has ended', hasEnded, { sweeps, runId, clock, limitMs: endLimitMs });
}
