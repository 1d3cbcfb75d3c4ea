/** Adds up waits that overlap, so that each moment counts once. Times in milliseconds of one clock. */
export class OverlappingWaits {
  /** The waits so far, overlapping ones merged; the oldest first. */
  private readonly stretches: { fromMs: number; toMs: number }[] = [];

  /** Adds a wait, which must not end before an earlier wait. Returns the milliseconds of it that no earlier wait covers. */
  add(fromMs: number, toMs: number): number {
    let [startMs, countedMs] = [fromMs, 0];
    for (let last = this.stretches.at(-1); last && last.toMs >= startMs; last = this.stretches.at(-1)) {
      this.stretches.pop();
      countedMs += last.toMs - last.fromMs;
      startMs = Math.min(startMs, last.fromMs);
    }
    this.stretches.push({ fromMs: startMs, toMs });
    return toMs - startMs - countedMs;
  }
}
