import { TimeLimitError, withTimeout } from './abort.ts';
import type { Clock } from './clock.ts';

/** The running invocations of this process that must end before the process ends. */
export class RunningInvocations {
  private readonly running = new Set<Promise<void>>();

  /** Adds `invocation` until it resolves or rejects. Returns `invocation` itself. */
  track<T>(invocation: Promise<T>): Promise<T> {
    const ended: Promise<void> = invocation
      .then(
        () => undefined,
        () => undefined, // the caller of `track` handles the error
      )
      .finally(() => this.running.delete(ended));
    this.running.add(ended);
    return invocation;
  }

  /** Resolves when no invocation runs any more, or after `limitMs`. Never rejects. */
  async waitForAll(limitMs: number, clock: Clock): Promise<void> {
    try {
      await withTimeout({ limitMs, what: 'Running invocations', clock }, () => this.allEnded());
    } catch (error) {
      if (!(error instanceof TimeLimitError)) throw error;
    }
  }

  private async allEnded(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }
}
