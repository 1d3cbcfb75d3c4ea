import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type HostProcess, startHostProcess } from '../../../local/host/hostProcess.ts';

export const fixtureSource = 'test/local/host/fixtureApp.ts';
export const fixtureHostJson = 'test/local/host/fixtureHost.json';

/** What the fixture's functions record of a run. */
export interface FixtureRecord {
  functionName?: string;
  hook?: string;
  at: number;
  phase?: string;
  metadata?: Record<string, unknown>;
  message?: Record<string, unknown>;
  event?: Record<string, unknown>;
  timer?: { isPastDue: boolean; scheduleStatus: { last: string; next: string } | null };
}

/** Bundles an app to CommonJS. In its own process, since esbuild does not run inside jest. */
export async function bundle(source: string, folder: string): Promise<string> {
  const outfile = join(folder, 'bundle.cjs');
  await promisify(execFile)('node_modules/.bin/esbuild', [
    ...[source, '--bundle', '--platform=node', '--target=node22', '--format=cjs', '--log-level=warning'],
    ...['--external:@azure/functions-core', `--outfile=${outfile}`],
  ]);
  return outfile;
}

/** A folder that the test removes. */
export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'module-keeper-'));
}

/** Starts the fixture on the storage account, with its own queues. */
export function startFixture(
  storage: string,
  queueName: string,
  options: Partial<Parameters<typeof startHostProcess>[0]> = {},
): Promise<HostProcess> {
  return startHostProcess({
    app: fixtureSource,
    hostJson: fixtureHostJson,
    ...options,
    settings: {
      AzureWebJobsStorage: storage,
      FIXTURE_QUEUE: queueName,
      FIXTURE_SCHEDULE: '0 0 2 * * *',
      ...options.settings,
    },
  });
}

export async function readRecords(host: HostProcess, functionName: string): Promise<FixtureRecord[]> {
  const records = (await (await fetch(`${host.url}/api/records`)).json()) as FixtureRecord[];
  return records.filter((record) => record.functionName === functionName);
}

/** Longer than a busy machine needs, shorter than the limit of a test: only a hang exceeds it. */
const hangMs = 300_000;

/** Polls until the value is not `undefined`. Throws after five minutes. */
export async function eventually<T>(read: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (const deadline = Date.now() + hangMs; Date.now() < deadline; ) {
    const value = await read();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`Not within ${hangMs} ms.`);
}
