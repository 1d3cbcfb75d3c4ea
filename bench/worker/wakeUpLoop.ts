import type { WorkerHost } from './workerHost.ts';

/** The polling interval of the wake-up queue, in the time of the hub. The Functions host polls less often when it is idle. */
const pollMs = 1_000;

/** Replaces the queue trigger `hub-work`: invokes the worker for each wake-up that is due, and sends the next wake-ups. */
export class WakeUpLoop {
  /** When the last invocation with pending devices ended. */
  idleSinceMs: number;
  private readonly host: WorkerHost;
  private readonly stop = new AbortController();
  private readonly running: Promise<void>;
  private waiting: { dueMs: number }[] = [];
  /** Number of sent wake-ups that were moved into `waiting`. */
  private received = 0;
  private invocations = 0;

  constructor(host: WorkerHost) {
    this.host = host;
    this.idleSinceMs = host.deps.clock.now();
    this.running = this.run();
    this.running.catch(() => undefined); // `untilDone` rejects with it
  }

  /** Resolves when there is no wake-up, no pending device and no invocation. Rejects with the error of a slice. */
  async untilDone(): Promise<void> {
    const { hub, clock } = this.host.deps;
    const isDone = () =>
      this.invocations === 0 &&
      this.waiting.length === 0 &&
      this.received === this.host.wakeUps.sent.length &&
      this.host.pending.deviceIds(hub.name).length === 0;
    const waiting = (async () => {
      while (!isDone()) await clock.sleep(pollMs, this.stop.signal);
    })();
    try {
      await Promise.race([waiting, this.running]);
    } finally {
      this.stop.abort();
    }
    await this.running;
  }

  private async run(): Promise<void> {
    const { clock } = this.host.deps;
    const { sent } = this.host.wakeUps;
    const failure = Promise.withResolvers<never>();
    failure.promise.catch(() => undefined); // handled by `Promise.race` below
    while (!this.stop.signal.aborted) {
      this.waiting.push(...sent.slice(this.received));
      this.received = sent.length;
      const due = this.waiting.filter(({ dueMs }) => dueMs <= clock.now());
      this.waiting = this.waiting.filter((wakeUp) => !due.includes(wakeUp));
      for (const _wakeUp of due) this.invoke().catch(failure.reject);
      await Promise.race([clock.sleep(pollMs), failure.promise]);
    }
  }

  private async invoke(): Promise<void> {
    const { deps, wakeUps } = this.host;
    this.invocations += 1;
    try {
      const hadWork = this.host.pending.deviceIds(deps.hub.name).length > 0;
      if (await this.host.slice()) await wakeUps.send(deps.hub.name, 0);
      if (hadWork) this.idleSinceMs = deps.clock.now();
    } finally {
      this.invocations -= 1;
    }
  }
}
