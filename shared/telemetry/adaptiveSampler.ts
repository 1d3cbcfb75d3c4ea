import type { Clock } from '../clock.ts';

/** Operations are counted in windows of this length. */
const windowMs = 10_000;
/** Average number of successful operations that are kept in a second; the default of `applicationinsights`. */
const keptPerSecond = 5;

/**
 * Samples successful operations. Keeps all of them while there are few, otherwise a share: about five a second in each
 * process.
 *
 * Only the trace id decides. Its last eight digits, read as a fraction from 0 to 1, must be below the share. At a share
 * of 0.025 an id that ends in `01000000` (0.004) is kept, and one that ends in `80000000` (0.5) is dropped. So an
 * operation that one process keeps at its share is kept in every process with the same or a larger share.
 */
export class AdaptiveSampler {
  private readonly clock: Clock;
  private windowStartMs: number;
  private countBefore = 0;
  private count = 0;

  constructor(clock: Clock) {
    this.clock = clock;
    this.windowStartMs = clock.elapsedMs();
  }

  /** Counts one operation and decides on it. Returns the sample rate in percent, or undefined if the operation is dropped. */
  sample(traceId: string): number | undefined {
    this.turnWindow();
    this.count += 1;
    const kept = (keptPerSecond * windowMs) / 1000;
    const share = Math.min(1, kept / Math.max(this.count, this.countBefore));
    return positionOf(traceId) < share ? share * 100 : undefined;
  }

  private turnWindow(): void {
    const windows = Math.floor((this.clock.elapsedMs() - this.windowStartMs) / windowMs);
    if (windows <= 0) return;
    this.windowStartMs += windows * windowMs;
    this.countBefore = windows === 1 ? this.count : 0;
    this.count = 0;
  }
}

/** Returns a number in [0, 1), the same for all records of a trace: the last digits of its id are random (W3C Trace Context 2). */
function positionOf(traceId: string): number {
  return Number.parseInt(traceId.slice(-8), 16) / 2 ** 32;
}
