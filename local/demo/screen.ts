const barWidth = 40;

/** Output of the demonstration: to a terminal, or line by line to a file or pipe. */
export class Screen {
  private readonly out: NodeJS.WriteStream;
  private barShown = '';

  constructor(out: NodeJS.WriteStream) {
    this.out = out;
  }

  line(text = ''): void {
    if (this.barShown !== '' && this.out.isTTY) this.out.write('\n');
    this.barShown = '';
    this.out.write(`${text}\n`);
  }

  step(number: number, title: string): void {
    this.line();
    this.line(`${number}. ${title}`);
  }

  /** Draws a progress bar: in place on a terminal, otherwise one line for every 10 %. */
  bar(done: number, total: number, words: string): void {
    const share = total === 0 ? 1 : Math.min(1, done / total);
    const filled = Math.floor(share * barWidth);
    const percent = `${Math.floor(share * 100)}`.padStart(3);
    const text = `   [${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ${percent} %  ${words}`;
    if (this.out.isTTY) {
      this.out.write(`\r${text}\x1b[K`);
      this.barShown = text;
    } else {
      const tenth = `${Math.floor(share * 10)}`;
      if (this.barShown !== tenth) this.out.write(`${text}\n`);
      this.barShown = tenth;
    }
  }
}
