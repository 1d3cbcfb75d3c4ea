import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { childEnvironment } from '../childEnvironment.ts';

/** Time from the end of its drain until a closing host is killed; longer than the 5 s of the app's `appTerminate` hooks. */
const forcedEndMs = 10_000;
const defaultDrainMs = 10_000;

/** What to run, and how. */
export interface HostProcessOptions {
  /** Path of the app's entry: a bundle, or TypeScript source. */
  app: string;
  /** The app's settings, passed as environment variables; no others reach it. */
  settings?: Record<string, string>;
  /** More environment variables, such as `NODE_EXTRA_CA_CERTS`. */
  env?: Record<string, string>;
  /** Default 0: any free port. */
  port?: number;
  /** Path of host.json; by default the one in the current folder, if there is one. */
  hostJson?: string;
  /** Secret from which the keys are derived (`hostKeys`). Default: requests need no key. */
  keySecret?: string;
  /** How long an orderly end waits for running invocations, before the `appTerminate` hooks run. Default 10000, as in Azure. */
  drainMs?: number;
  /** How many of the latest lines `logs()` returns. Default: all. */
  maxKeptLines?: number;
  /** Called for each line that the host or the app writes, in addition to `logs()`. */
  onLine?: (line: string) => void;
  /** Time limit of the start. Default 5 minutes, which only a hang exceeds. */
  startTimeoutMs?: number;
}

/** A host that runs as a child process. */
export interface HostProcess {
  url: string;
  /** Names of the functions that run. */
  functions: readonly string[];
  /** What host and app have written so far, to standard error and standard output. */
  logs(): string;
  /** Sends the signal and resolves when the process has ended. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Resolves when the process has ended, by itself or by a signal. */
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Ends the host in order: SIGINT, the drain, 5 s for the app's hooks; SIGKILL 5 s later. Safe to call twice. */
  close(): Promise<void>;
}

/** The program of the host: `main.ts`, or the bundle of it that LOCAL_HOST_PROGRAM names. The tests make one: it starts faster. */
function hostProgram(): string {
  return process.env.LOCAL_HOST_PROGRAM ?? join(import.meta.dirname, 'main.ts');
}

/** The host's process ended before it was ready; the message contains what it wrote. */
export class HostStartError extends Error {
  constructor(lines: readonly string[]) {
    super(`The host did not start. It wrote:\n${lines.join('\n') || '(nothing)'}`);
    this.name = 'HostStartError';
  }
}

/**
 * Runs the stand-in for the Functions host as a child process that ends when this one ends. Resolves when every trigger
 * listens. Rejects with `HostStartError` if the process ends first or exceeds the time limit.
 */
export async function startHostProcess(options: HostProcessOptions): Promise<HostProcess> {
  const { app, settings, env, port = 0, hostJson, keySecret, onLine, startTimeoutMs = 300_000 } = options;
  const { drainMs = defaultDrainMs, maxKeptLines = Number.POSITIVE_INFINITY } = options;
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      ...[hostProgram(), '--until-stdin-ends', '--app', app, '--port', String(port)],
      ...(hostJson === undefined ? [] : ['--host-json', hostJson]),
      ...['--drain-ms', String(drainMs)],
      ...(keySecret === undefined ? [] : ['--with-keys']),
    ],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...{ ...childEnvironment(), ...settings, ...env },
        ...(keySecret === undefined ? {} : { LOCAL_HOST_KEY_SECRET: keySecret }),
      },
    },
  );
  const lines: string[] = [];
  const keep = (line: string): void => {
    lines.push(line);
    if (lines.length > maxKeptLines) lines.shift();
    onLine?.(line);
  };
  const exited = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  child.stdin.on('error', () => undefined); // the child may end first; `exited` reports that
  createInterface({ input: child.stderr }).on('line', keep);
  const ready = new Promise<{ url: string; functions: string[] }>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const isReady = line.startsWith('{"ready":true,');
      if (!isReady || keySecret === undefined) keep(line); // with keys the line contains them
      if (isReady) resolve(JSON.parse(line));
    });
  });

  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  async function kill(signal: NodeJS.Signals): Promise<void> {
    if (!hasEnded()) child.kill(signal);
    await exited;
  }
  async function close(): Promise<void> {
    const force = setTimeout(() => child.kill('SIGKILL'), drainMs + forcedEndMs);
    await kill('SIGINT').finally(() => clearTimeout(force));
  }

  const timeout = setTimeout(() => child.kill('SIGKILL'), startTimeoutMs);
  const started = await Promise.race([ready, exited]).finally(() => clearTimeout(timeout));
  if (!('url' in started)) throw new HostStartError(lines);
  const { url, functions } = started;
  return { url, functions, logs: () => lines.join('\n'), kill, exited, close };
}
