import { readHubDocument } from '../../shared/run/hubDocument.ts';
import { hasWork } from '../../shared/worker/hubWorker.ts';
import type { FakeClock } from '../support/fakeClock.ts';
import type { MemoryWakeUps } from '../support/memoryStorage.ts';
import type { AppProcess } from './appProcess.ts';
import type { WorldHub } from './worldHub.ts';

/** What an observer noted about one hub. */
interface Notes {
  /** Since when it has work, and no worker and no wake-up. */
  forgottenSinceMs: number | undefined;
  longestForgottenMs: number;
  /** How often a worker has taken its lease. */
  workers: number;
  mostWakeUps: number;
}

/** What there is to look at. */
interface Observed {
  hubs: readonly WorldHub[];
  processes: readonly AppProcess[];
  queue: MemoryWakeUps;
  clock: FakeClock;
}

/** Looks at hubs, leases and queue while a world lives; changes nothing. */
export class Observer {
  private readonly world: Observed;
  private readonly notes = new Map<WorldHub, Notes>();
  /** Length of the line of wake-ups, all hubs together, at each look. */
  readonly lines: { atMs: number; length: number }[] = [];

  constructor(world: Observed) {
    this.world = world;
  }

  async look(): Promise<void> {
    const { hubs, queue, clock } = this.world;
    const nowMs = clock.elapsedMs();
    this.lines.push({ atMs: nowMs, length: queue.sent.length + queue.delayed.length + this.running() });
    for (const hub of hubs) {
      const notes = this.of(hub);
      const waiting = this.wakeUpsOf(hub);
      notes.mostWakeUps = Math.max(notes.mostWakeUps, waiting);
      const workers = hub.bench.leases.acquiredSince(hub.name, 0);
      if (workers > notes.workers) notes.forgottenSinceMs = undefined; // one came and went since the last look
      notes.workers = workers;
      const isForgotten = waiting === 0 && (await this.hasIdleWork(hub));
      notes.forgottenSinceMs = isForgotten ? (notes.forgottenSinceMs ?? nowMs) : undefined;
      notes.longestForgottenMs = Math.max(notes.longestForgottenMs, nowMs - (notes.forgottenSinceMs ?? nowMs));
    }
  }

  of(hub: WorldHub): Notes {
    const none: Notes = { forgottenSinceMs: undefined, longestForgottenMs: 0, workers: 0, mostWakeUps: 0 };
    const notes = this.notes.get(hub) ?? none;
    this.notes.set(hub, notes);
    return notes;
  }

  /** The longest line between the two times. */
  longestLine(fromMs: number, toMs: number): number {
    const seen = this.lines.filter(({ atMs }) => atMs >= fromMs - 15_000 && atMs <= toMs + 15_000);
    return Math.max(0, ...seen.map(({ length }) => length));
  }

  /** Whether anything is left to do for the hub, or is being done. */
  async isBusy(hub: WorldHub): Promise<boolean> {
    if (hub.bench.pending.deviceIds(hub.name).length > 0) return true;
    if (this.world.processes.some(({ instance }) => instance.runningFor(hub.name) > 0)) return true;
    if (hub.newcomers.some(({ deviceId, isDeleted }) => !isDeleted && !hub.hasModule(deviceId))) return true;
    const { activeRun } = await readHubDocument(hub.bench.documents, hub.name);
    return activeRun !== undefined;
  }

  async describe(): Promise<string> {
    const parts = this.world.hubs.map(async (hub) => {
      const { bench, name } = hub;
      const document = await readHubDocument(bench.documents, name);
      const runs = (await bench.runs()).map(({ status, waitingFor, reason }) => ({ status, waitingFor, reason }));
      return { name, document, runs, pending: bench.pending.deviceIds(name), wakeUps: this.wakeUpsOf(hub) };
    });
    return JSON.stringify(await Promise.all(parts));
  }

  private async hasIdleWork({ bench, name, draw }: WorldHub): Promise<boolean> {
    if (bench.config.paused || draw.pausedUntilMs !== undefined) return false;
    if (await bench.leases.isHeld(name)) return false;
    const { config: hub, pending, documents, clock } = bench;
    return hasWork({ hub, pending, documents, clock });
  }

  private running(): number {
    return this.world.processes.reduce(
      (sum, { instance }) => sum + this.world.hubs.reduce((more, { name }) => more + instance.runningFor(name), 0),
      0,
    );
  }

  private wakeUpsOf({ name }: WorldHub): number {
    const { queue, processes } = this.world;
    const inQueue = [...queue.sent, ...queue.delayed].filter(({ hub }) => hub === name).length;
    return inQueue + processes.reduce((sum, { instance }) => sum + instance.runningFor(name), 0);
  }
}
