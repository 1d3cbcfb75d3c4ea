import { spawn } from 'node:child_process';

export interface AzResult {
  status: number;
  stdout: string;
  stderr: string;
}

/** Calls the Azure CLI. Resolves also if the command fails; rejects if the Azure CLI is not installed. */
export type Az = (args: readonly string[]) => Promise<AzResult>;

/** The Azure CLI on PATH, called in `folder`. */
export function azIn(folder: string): Az {
  return (args) => {
    const { promise, resolve, reject } = Promise.withResolvers<AzResult>();
    // On Windows az is a .cmd, which only a shell starts.
    const onWindows = process.platform === 'win32';
    const child = onWindows
      ? spawn(['az', ...args.map((arg) => `"${arg}"`)].join(' '), { cwd: folder, shell: true })
      : spawn('az', args, { cwd: folder });
    const [stdout, stderr]: string[][] = [[], []];
    child.stdout.setEncoding('utf8').on('data', (text: string) => stdout?.push(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => stderr?.push(text));
    child.on('error', () => reject(new Error('The Azure CLI (az) was not found. Install it, then: az login')));
    child.on('close', (status) =>
      resolve({ status: status ?? 1, stdout: stdout?.join('') ?? '', stderr: stderr?.join('') ?? '' }),
    );
    return promise;
  };
}
