import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A run of a program of the project from its sources, in a process group of its own as in a terminal. */
export class ProgramRun {
  /** What it has written so far, to both streams. */
  output = '';
  /** What it has written to standard output. */
  stdout = '';
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly exited: Promise<unknown[]>;
  private hasEnded = false;
  /** Resolved at the next output, and at the end. */
  private changed = Promise.withResolvers<void>();

  constructor(program: string, args: readonly string[], env: Readonly<Record<string, string | undefined>>) {
    this.child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...args], {
      env: { ...process.env, ...env },
      detached: true,
    });
    this.exited = once(this.child, 'close').finally(() => {
      this.hasEnded = true;
      this.changed.resolve();
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
        if (stream === this.child.stdout) this.stdout += text;
        this.changed.resolve();
        this.changed = Promise.withResolvers();
      });
    }
  }

  /** Resolves when the run has written this text. Rejects if it ends before. */
  async untilOutput(text: string): Promise<void> {
    while (!this.output.includes(text)) {
      if (this.hasEnded) throw new Error(`The run ended without "${text}":\n${this.output}`);
      await this.changed.promise;
    }
  }

  /** Ctrl+C in a terminal: the signal goes to every process of the group. */
  pressCtrlC(): void {
    process.kill(-(this.child.pid ?? 0), 'SIGINT');
  }

  async exitCode(): Promise<unknown> {
    return (await this.exited)[0];
  }
}
