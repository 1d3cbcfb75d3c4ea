import type { Clock } from '../../../shared/clock.ts';

/**
 * The emulator's own time: it goes `timeScale` times as fast as `base`, from the moment of its making on. The scale can
 * change at any time; what sleeps then wakes at the moment of emulator time that it was promised.
 */
export class EmulatorClock implements Clock {
  private readonly base: Clock;
  private scale: number;
  /** One moment in both times; since then the scale has been as it is. */
  private sinceBaseMs: number;
  private sinceMs: number;
  private scaleChange = new AbortController();

  /** Throws a RangeError unless `timeScale` is a finite number above 0. */
  constructor(base: Clock, timeScale: number) {
    this.base = base;
    this.scale = requireTimeScale(timeScale);
    this.sinceBaseMs = base.now();
    this.sinceMs = this.sinceBaseMs;
  }

  get timeScale(): number {
    return this.scale;
  }

  /** Throws a RangeError unless `timeScale` is a finite number above 0. */
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

  async sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    const wakesAtMs = this.now() + delayMs;
    for (let leftMs = delayMs; leftMs > 0; leftMs = wakesAtMs - this.now()) {
      const changed = this.scaleChange.signal;
      const interrupted = signal ? AbortSignal.any([signal, changed]) : changed;
      try {
        // Whole milliseconds of base time: a timer cannot wait for less, and a part of one may not move the base clock.
        await this.base.sleep(Math.ceil(leftMs / this.scale), interrupted);
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
