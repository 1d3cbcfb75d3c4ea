import type { Clock } from '../../../shared/clock.ts';

/**
 * The emulator's own time: it starts at the time of `base` and runs `timeScale` times as fast. The scale can change at
 * any time; a call of `sleep` still ends after its delay in emulator time.
 */
export class EmulatorClock implements Clock {
  private readonly base: Clock;
  private scale: number;
  /** The moment of the last scale change, in both times. */
  private sinceBaseMs: number;
  private sinceMs: number;
  private scaleChange = new AbortController();

  /** Throws a `RangeError` unless `timeScale` is a finite number above 0. */
  constructor(base: Clock, timeScale: number) {
    this.base = base;
    this.scale = requireTimeScale(timeScale);
    this.sinceBaseMs = base.now();
    this.sinceMs = this.sinceBaseMs;
  }

  get timeScale(): number {
    return this.scale;
  }

  /** Throws a `RangeError` unless `timeScale` is a finite number above 0. */
  setTimeScale(timeScale: number): void {
    const scale = requireTimeScale(timeScale);
    this.sinceMs = this.now();
    this.sinceBaseMs = this.base.now();
    this.scale = scale;
    this.scaleChange.abort();
    this.scaleChange = new AbortController();
  }

  now(): number {
    return this.sinceMs + (this.base.now() - this.sinceBaseMs) * this.scale;
  }

  /** The same as `now`. Unlike the elapsed time of the system clock, it goes back if the time of `base` is set back. */
  elapsedMs(): number {
    return this.now();
  }

  async sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    const wakesAtMs = this.now() + delayMs;
    for (let remainingMs = delayMs; remainingMs > 0; remainingMs = wakesAtMs - this.now()) {
      const changed = this.scaleChange.signal;
      const interrupted = signal ? AbortSignal.any([signal, changed]) : changed;
      try {
        // Whole milliseconds: timers have no finer resolution, and a fraction may not advance the base clock.
        await this.base.sleep(Math.ceil(remainingMs / this.scale), interrupted);
      } catch (error) {
        signal?.throwIfAborted();
        if (!changed.aborted) throw error;
      }
    }
    signal?.throwIfAborted();
  }
}

function requireTimeScale(timeScale: number): number {
  if (!(timeScale > 0 && Number.isFinite(timeScale))) {
    throw new RangeError(`timeScale must be a number above 0, not ${timeScale}`);
  }
  return timeScale;
}
