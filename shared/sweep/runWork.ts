/** A run has nothing to do before this time; milliseconds since 1970. */
export interface HeldUntil {
  heldUntilMs: number;
}

/** What a run does on its hub during one slice: a sweep, or an undo. */
export interface RunWork {
  /**
   * Does one step, so that pending devices can have their turn between two; returns whether the run is done, or that it has nothing
   * to do before a time.
   */
  step(): Promise<'more' | 'done' | HeldUntil>;
  /** Resolves when no call of the run is in flight; never rejects. */
  allCallsEnd(): Promise<void>;
  /** Adds what was being read ahead when the slice ended. Never rejects. */
  addStartedPages(): Promise<void>;
}
