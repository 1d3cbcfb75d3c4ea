/** Adds up waits that overlap, so that each moment counts once. Times in milliseconds of one clock. */
export class OverlappingWaits {
  /** Apart from each other, the oldest first. */
  private readonly stretches: { fromMs: number; toMs: number }[] = [];

  /** Adds a wait; it must end no earlier than those before. Returns the milliseconds that no earlier wait has counted. */
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
