import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Longer than the 5 s that the host leaves the app's `appTerminate` hooks. */
const forcedEndMs = 10_000;

export interface HostProcessOptions {
  /** Path of the app's entry: a CommonJS bundle, or TypeScript source. */
  app: string;
  /** The app's settings, as environment variables. */
  settings?: Record<string, string>;
  /** More environment, such as `NODE_EXTRA_CA_CERTS`. */
  env?: Record<string, string>;
  /** 0 (the default) takes any free one. */
  port?: number;
  /** Path of host.json; by default the one in the current folder, if there is one. */
  hostJson?: string;
  /** Called with each line that the host or the app writes, beside being kept for `logs()`. */
  onLine?: (line: string) => void;
  /** How long the start may take before it counts as failed. */
  startTimeoutMs?: number;
}

export interface HostProcess {
  url: string;
  /** Names of the functions that run. */
  functions: readonly string[];
  /** Everything that host and app have written so far, standard output included. */
  logs(): string;
  /** Sends the signal and resolves when the process has ended. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Resolves when the process has ended, of itself or by a signal. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Ends the host as Azure does: SIGTERM, 5 s for the app's hooks; by force if that takes too long. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Runs the stand-in for the Functions host as a child process that cannot outlive this one. Resolves when every trigger
 * listens. @throws Error with what the process wrote, if it ends or is silent instead.
 */
export async function startHostProcess(options: HostProcessOptions): Promise<HostProcess> {
  const { app, settings, env, port = 0, hostJson, onLine, startTimeoutMs = 30_000 } = options;
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      ...[join(import.meta.dirname, 'main.ts'), '--until-stdin-ends', '--app', app, '--port', String(port)],
      ...(hostJson === undefined ? [] : ['--host-json', hostJson]),
    ],
    { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...settings, ...env } },
  );
  const lines: string[] = [];
  const keep = (line: string): void => {
    lines.push(line);
    onLine?.(line);
  };
  const exited = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  child.stdin.on('error', () => undefined); // the child went first; `exited` tells
  createInterface({ input: child.stderr }).on('line', keep);
  const ready = new Promise<{ url: string; functions: string[] }>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      keep(line);
      if (line.startsWith('{"ready":true,')) resolve(JSON.parse(line));
    });
  });

  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  async function kill(signal: NodeJS.Signals): Promise<void> {
    if (!hasEnded()) child.kill(signal);
    await exited;
  }
  async function close(): Promise<void> {
    const force = setTimeout(() => child.kill('SIGKILL'), forcedEndMs);
    await kill('SIGTERM').finally(() => clearTimeout(force));
  }

  const timeout = setTimeout(() => child.kill('SIGKILL'), startTimeoutMs);
  const started = await Promise.race([ready, exited]).finally(() => clearTimeout(timeout));
  if (!('url' in started)) throw new Error(`The host did not start. It wrote:\n${lines.join('\n') || '(nothing)'}`);
  return { ...started, logs: () => lines.join('\n'), kill, exited, close };
}
