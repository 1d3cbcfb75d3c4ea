import type { Clock } from '../clock.ts';

/** Over so long the rate of operations is looked at. */
const windowMs = 10_000;
/** So many successful operations a second are kept on the average; `applicationinsights` itself keeps as many by default. */
const keptPerSecond = 5;

/**
 * Chooses among the operations in which all went well: all of them while there are few, and of many a share that leaves
 * about five a second and process.
 *
 * Which ones belong to the share follows from the trace id alone. Its last eight digits are a number from 0 to 1, and the
 * operation is kept if that is below the share. At a share of 0.025 an id that ends in `01000000` (0.004) is kept, and
 * one that ends in `80000000` (0.5) is dropped. So an operation's processes choose alike: what is kept at a small share is
 * kept at every larger one too.
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
