/** Exit code after Ctrl+C while the parts of the program start. */
export const interruptedCode = 130;

/** What an `Ending` needs. */
export interface EndingOptions {
  exit(code: number): void;
  /** Called with each error of a part that could not be ended. */
  onError(error: unknown): void;
}

/** The running parts of a program, and how it ends. */
export class Ending {
  /** Exit code after Ctrl+C. */
  codeAtCtrlC = interruptedCode;
  private readonly options: EndingOptions;
  private readonly closers: (() => Promise<void>)[] = [];
  private isUnderWay = false;

  constructor(options: EndingOptions) {
    this.options = options;
  }

  /** Whether `end` was called; errors of the parts are then expected. */
  get hasBegun(): boolean {
    return this.isUnderWay;
  }

  get hasParts(): boolean {
    return this.closers.length > 0;
  }

  /** Adds a function that ends a running part. */
  add(close: () => Promise<void>): void {
    this.closers.push(close);
  }

  /**
   * Ends the parts, the last one first, and exits with `code`; with 1 in place of 0 if a part could not be ended, which does not
   * keep the others from being ended. Never resolves.
   */
  async end(code: number): Promise<never> {
    this.isUnderWay = true;
    let exitCode = code;
    for (let close = this.closers.pop(); close; close = this.closers.pop()) {
      try {
        await close();
      } catch (error) {
        this.options.onError(error);
        exitCode ||= 1;
      }
    }
    this.options.exit(exitCode);
    return new Promise<never>(() => {});
  }
}
