import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';

/** A server in its own process. */
export interface ChildServer {
  port: number;
  /** PEM for its clients to trust. */
  ca: Buffer;
  /** The content of its ready line. */
  ready: { [name: string]: unknown };
  /** Peak of its resident memory, in bytes. Linux only: the kernel records it. */
  peakBytes(): Promise<number>;
  stop(): Promise<void>;
}

/**
 * Starts a script that prints one JSON line with `hostName` and `ca` when it is ready. Rejects if it ends before that.
 */
export async function startChildServer(script: string, args: readonly string[]): Promise<ChildServer> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ready = await readyLine(child, script);
  const { hostName, ca } = ready;
  if (typeof hostName !== 'string' || typeof ca !== 'string')
    throw new Error(`${script} is ready but its ready line has no hostName or ca`);
  return {
    port: Number(hostName.split(':')[1]),
    ca: await readFile(ca),
    ready,
    peakBytes: () => peakBytesOf(child.pid),
    stop: async () => {
      const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function readyLine(child: ChildProcess, script: string): Promise<{ [name: string]: unknown }> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`${script} ended with ${code} before it was ready`)));
    if (child.stdout) createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)));
  });
}

async function peakBytesOf(pid: number | undefined): Promise<number> {
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error('The kernel does not report the peak memory of the process');
  return Number(kilobytes) * 1024;
}
