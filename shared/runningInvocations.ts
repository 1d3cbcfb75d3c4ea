import { TimeLimitError, withTimeout } from './abort.ts';
import type { Clock } from './clock.ts';

/** The invocations that run in this process and must end before it does. */
export class RunningInvocations {
  private readonly running = new Set<Promise<void>>();

  /** Adds `invocation` until it resolves or rejects. Returns `invocation` itself. */
  track<T>(invocation: Promise<T>): Promise<T> {
    const ended: Promise<void> = invocation
      .then(
        () => undefined,
        () => undefined, // the caller handles it
      )
      .finally(() => this.running.delete(ended));
    this.running.add(ended);
    return invocation;
  }

  /** Resolves when no invocation runs, after `limitMs` at the latest. Never rejects. */
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
