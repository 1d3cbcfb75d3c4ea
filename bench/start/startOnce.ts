import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { settingNames } from '../../shared/config/settingNames.ts';
import type { Stubs } from './stubs.ts';

/** The app to start and the invocation to run. */
export interface Start {
  worker: string;
  app: string;
  functionName: string;
  inputFile: string;
  /** The app's settings. */
  settings: Record<string, string>;
}

const limitMs = 30_000;

/** Returns the ms from the start of a process to its first call to the hub. Rejects if another call or no call comes. */
export async function startToHubCall(start: Start, stubs: Stubs, expectedCall: string): Promise<number> {
  const request = stubs.nextHubRequest();
  return timed(start, async (_lines, startMs) => {
    const { call, atMs } = await request;
    if (!call.startsWith(expectedCall)) throw new Error(`The first call to the hub was ${call}, not ${expectedCall}`);
    return atMs - startMs;
  });
}

/** Returns the ms from the start of a process to the end of its first invocation. */
export function startToEnd(start: Start): Promise<number> {
  return timed(start, async (lines, startMs) => {
    for await (const line of lines) if (line === 'ran') return performance.now() - startMs;
    throw new Error('The process ended without output.');
  });
}

async function timed(
  { worker, app, functionName, inputFile, settings }: Start,
  measure: (lines: AsyncIterable<string>, startMs: number) => Promise<number>,
): Promise<number> {
  const unset = Object.fromEntries(settingNames.map((name) => [name, '']));
  const env = { ...process.env, NODE_OPTIONS: '', NODE_COMPILE_CACHE: undefined, ...unset, ...settings };
  const startMs = performance.now();
  const child = spawn(process.execPath, [worker, app, functionName, inputFile], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errorOutput = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errorOutput = (errorOutput + text).slice(-4_000);
  });
  const ended = once(child, 'exit');
  const limit = AbortSignal.timeout(limitMs);
  try {
    const tooLate = once(limit, 'abort').then(() => Promise.reject(new Error(`No result after ${limitMs / 1000} s.`)));
    // With exit code 0 the output, which is still read, contains the result; with another one there is no result.
    const early = ended.then(async ([code]) => {
      if (code === 0) return new Promise<never>(() => undefined);
      throw new Error(`The process ended with ${code}.`);
    });
    return await Promise.race([measure(createInterface({ input: child.stdout }), startMs), tooLate, early]);
  } catch (error) {
    throw new Error(`${app} could not be measured: ${error instanceof Error ? error.message : error}\n${errorOutput}`);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}
