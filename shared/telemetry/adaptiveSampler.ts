import type { Clock } from '../clock.ts';

/** Over so long the rate of operations is looked at. */
const windowMs = 10_000;
/** So many successful operations a second are kept on the average; `applicationinsights` itself keeps as many by default. */
const keptPerSecond = 5;

/**
 * Which successful operations are told of. All are while there are few; of many, a share that leaves about five a second and
 * process. An operation is chosen by its id, so of two processes that work on one, whichever keeps less keeps nothing
 * that the other drops.
 */
export class AdaptiveSampler {
  private readonly clock: Clock;
  private windowStartMs: number;
  private countBefore = 0;
  private count = 0;

  constructor(clock: Clock) {
    this.clock = clock;
    this.windowStartMs = clock.now();
  }

  /** To be asked once for each operation. Answers undefined to drop it, else of how many in percent it stands for one. */
  sample(traceId: string): number | undefined {
    this.turnWindow();
    this.count += 1;
    const kept = (keptPerSecond * windowMs) / 1000;
    const share = Math.min(1, kept / Math.max(this.count, this.countBefore));
    return positionOf(traceId) < share ? share * 100 : undefined;
  }

  private turnWindow(): void {
    const windows = Math.floor((this.clock.now() - this.windowStartMs) / windowMs);
    if (windows <= 0) return;
    this.windowStartMs += windows * windowMs;
    this.countBefore = windows === 1 ? this.count : 0;
    this.count = 0;
  }
}

/** Where an operation stands in [0, 1); the last digits of a trace id are random (W3C Trace Context, level 2). */
function positionOf(traceId: string): number {
  return Number.parseInt(traceId.slice(-8), 16) / 2 ** 32;
}
