import { HubError } from '../hub/hubError.ts';

/** A door held itself back, and no call was made: the hub's small bucket has no place at present. */
export class LimitedError extends HubError {
  /** How long until there is a place, if nobody else takes it first (`IntakeBucket.retryAfterMs`). */
  readonly retryAfterMs: number;

  constructor(hub: string, retryAfterMs: number) {
    super(hub, 'reconcile at once', { kind: 'limited' });
    this.retryAfterMs = retryAfterMs;
  }
}
