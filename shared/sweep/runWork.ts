/** A run has nothing to do before this time; milliseconds since 1970. */
export interface HeldUntil {
  heldUntilMs: number;
}

/** What a run does on its hub during one slice: a sweep, or an undo. */
export interface RunWork {
  /**
   * Does one step; the caller checks between two steps whether the slice has ended. Returns whether the run is done, or the time
   * before which it has nothing to do.
   */
  step(): Promise<'more' | 'done' | HeldUntil>;
  /** Resolves when no call of the run is in flight; never rejects. */
  allCallsEnd(): Promise<void>;
  /** Adds the pages to the run whose reading had started when the slice ended. Never rejects. */
  addStartedPages(): Promise<void>;
}
