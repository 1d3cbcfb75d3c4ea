import type { WorkerHost } from './workerHost.ts';

/** How often the queue of wakeUps is looked at, on the hub's clock. The Functions host looks more seldom when little comes. */
const pollMs = 1_000;

/** What the Functions host does with `hub-work`: one invocation for each ring that is due, and a ring for each that says so. */
export class WakeUpLoop {
  /** When the last invocation ended that had work. */
  idleSinceMs: number;
  private readonly host: WorkerHost;
  private readonly stop = new AbortController();
  private readonly running: Promise<void>;
  private waiting: { dueMs: number }[] = [];
  /** How many of the wakeUps that were sent came into `waiting`. */
  private heard = 0;
  private underWay = 0;

  constructor(host: WorkerHost) {
    this.host = host;
    this.idleSinceMs = host.deps.clock.now();
    this.running = this.run();
    this.running.catch(() => undefined); // told by `untilDone`
  }

  /** Resolves when neither a ring nor a pending device nor an invocation is left. Rejects with what a slice threw. */
  async untilDone(): Promise<void> {
    const { hub, clock } = this.host.deps;
    const isDone = () =>
      this.underWay === 0 &&
      this.waiting.length === 0 &&
      this.heard === this.host.wakeUps.sent.length &&
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
    failure.promise.catch(() => undefined); // it is raced below
    while (!this.stop.signal.aborted) {
      this.waiting.push(...sent.slice(this.heard));
      this.heard = sent.length;
      const due = this.waiting.filter(({ dueMs }) => dueMs <= clock.now());
      this.waiting = this.waiting.filter((wakeUp) => !due.includes(wakeUp));
      for (const _ring of due) this.invoke().catch(failure.reject);
      await Promise.race([clock.sleep(pollMs), failure.promise]);
    }
  }

  private async invoke(): Promise<void> {
    const { deps, wakeUps } = this.host;
    this.underWay += 1;
    try {
      const hadWork = this.host.pending.deviceIds(deps.hub.name).length > 0;
      if (await this.host.slice()) await wakeUps.send(deps.hub.name, 0);
      if (hadWork) this.idleSinceMs = deps.clock.now();
    } finally {
      this.underWay -= 1;
    }
  }
}
