import type { Clock } from '../../shared/clock.ts';

/** What the app's HTTP API shows of a run, as far as it is looked at here. */
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

/** What was waited for did not come; the message says what. */
export class WaitedInVainError extends Error {
  constructor(what: string) {
    super(`waited in vain until ${what}`);
    this.name = 'WaitedInVainError';
  }
}

const pollEveryMs = 50;
const endWithinMs = 300_000;
/** Of the timer's five minutes, as much as there is patience for. */
const watchEveryMs = 10_000;

/** Looks again and again. Throws `WaitedInVainError` after `limitMs`. */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  { clock, limitMs }: { clock: Clock; limitMs: number },
): Promise<void> {
  const deadlineMs = clock.now() + limitMs;
  while (!(await isSo())) {
    if (clock.now() > deadlineMs) throw new WaitedInVainError(what);
    await clock.sleep(pollEveryMs);
  }
}

/** Starts and follows the sweeps of one hub by the app's HTTP API, which may be another process at every call. */
export class SweepClient {
  private readonly url: () => string;
  private readonly hub: string;

  constructor(url: () => string, hub: string) {
    this.url = url;
    this.hub = hub;
  }

  /** Answers the run's id. */
  async start(): Promise<string> {
    const { runs } = await this.json<{ runs: { runId: string }[] }>('POST', '/api/sweeps', '{}');
    const [run] = runs;
    if (!run) throw new Error('the app started no run');
    return run.runId;
  }

  read(runId: string): Promise<SweepView> {
    return this.json('GET', `/api/sweeps/${this.hub}/${runId}`);
  }

  /** Calls the function that a timer calls every five minutes. */
  async watch(): Promise<void> {
    const answer = await this.send('POST', '/admin/functions/watchHubs', '{"input":""}');
    await answer.arrayBuffer();
  }

  private async json<T>(method: string, path: string, body?: string): Promise<T> {
    const answer = await this.send(method, path, body);
    return (await answer.json()) as T;
  }

  private async send(method: string, path: string, body?: string): Promise<Response> {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(this.url() + path, { method, ...(body === undefined ? {} : { body, headers }) });
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${await answer.text()}`);
    return answer;
  }
}

export function hasEnded({ status }: SweepView): boolean {
  return status !== 'queued' && status !== 'running';
}

/**
 * Waits for something of a run, the watch being called as its timer would. Throws `WaitedInVainError`, which shows the
 * run as it was last.
 */
export async function untilRun(
  what: string,
  isSo: (run: SweepView) => boolean,
  wait: { sweeps: SweepClient; runId: string; clock: Clock; limitMs: number },
): Promise<SweepView> {
  const { sweeps, runId, clock, limitMs } = wait;
  let watchedAtMs = clock.now();
  let run = await sweeps.read(runId);
  const deadlineMs = clock.now() + limitMs;
  while (!isSo(run)) {
    if (clock.now() > deadlineMs) throw new WaitedInVainError(`${what}; the run is ${JSON.stringify(run)}`);
    if (clock.now() - watchedAtMs > watchEveryMs) {
      watchedAtMs = clock.now();
      await sweeps.watch();
    }
    await clock.sleep(pollEveryMs);
    run = await sweeps.read(runId);
  }
  return run;
}

/** The run when it has ended. Throws `WaitedInVainError`. */
export function endOf(sweeps: SweepClient, runId: string, clock: Clock): Promise<SweepView> {
  return untilRun('the run had ended', hasEnded, { sweeps, runId, clock, limitMs: endWithinMs });
}
