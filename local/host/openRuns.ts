/** Runs that have not ended, so that the end of the host can wait for them. */
export class OpenRuns {
  private readonly runs = new Set<Promise<void>>();

  /** Returns the same promise. */
  add<T>(run: Promise<T>): Promise<T> {
    const ended: Promise<void> = run.then(
      () => void this.runs.delete(ended),
      () => void this.runs.delete(ended),
    );
    this.runs.add(ended);
    return run;
  }

  async ended(): Promise<void> {
    while (this.runs.size > 0) await Promise.all(this.runs);
  }
}
