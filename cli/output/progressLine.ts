const barWidth = 30;

/** A progress bar in one line that is drawn again and again; nothing where the output is no terminal. */
export class ProgressLine {
  private readonly out: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>;
  private isShown = false;

  constructor(out: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>) {
    this.out = out;
  }

  /** `share`: 0 to 1. `words`: printable. */
  show(share: number, words: string): void {
    if (!this.out.isTTY) return;
    const filled = Math.floor(share * barWidth);
    const percent = `${Math.floor(share * 100)}`.padStart(3);
    const line = `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ${percent} %  ${words}`;
    // A line that wraps cannot be drawn over.
    this.out.write(`\r${line.slice(0, Math.max(20, (this.out.columns || 80) - 1))}\x1b[K`);
    this.isShown = true;
  }

  /** Removes the line. */
  clear(): void {
    if (this.isShown) this.out.write('\r\x1b[K');
    this.isShown = false;
  }
}
