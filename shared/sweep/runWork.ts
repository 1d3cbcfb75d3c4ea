/** What a run does on its hub during one slice: a sweep, or an undo. */
export interface RunWork {
  /** Does one step, so that pending devices can have their turn between two; returns whether the run is done. */
  step(): Promise<'more' | 'done'>;
  /** Resolves when no call of the run is in flight; never rejects. */
  allCallsEnd(): Promise<void>;
  /** Adds what was being read ahead when the slice ended. Never rejects. */
  addStartedPages(): Promise<void>;
}
