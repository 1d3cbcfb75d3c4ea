import { TimeLimitError, withTimeout } from './abort.ts';
import type { Clock } from './clock.ts';

/** The work that is under way in this process, so that its end can be waited for. */
export class RunningWork {
  private readonly running = new Set<Promise<void>>();

  /** Counts `work` in until it ends, however it ends; answers `work` itself. */
  track<T>(work: Promise<T>): Promise<T> {
    const ended: Promise<void> = work
      .then(
        () => undefined,
        () => undefined, // the caller's to handle
      )
      .finally(() => this.running.delete(ended));
    this.running.add(ended);
    return work;
  }

  /** Resolves when nothing is under way any more, at the latest after `limitMs`. Never rejects. */
  async settled(limitMs: number, clock: Clock): Promise<void> {
    try {
      await withTimeout({ limitMs, what: 'Running work', clock }, () => this.allEnded());
    } catch (error) {
      if (!(error instanceof TimeLimitError)) throw error;
    }
  }

  private async allEnded(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }
}
