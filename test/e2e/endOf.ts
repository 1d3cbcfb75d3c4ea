import type { TestCloud } from './testCloud.ts';

/** The members of a run in API responses that these tests use. */
export interface RunView {
  hub: string;
  runId: string;
  status: string;
  reason: string | null;
  counts: { devices: number; selected: number; created: number; unchanged: number; gone: number; failed: number } & {
    excluded: Record<string, number>;
    blocked: Record<string, number>;
  };
}

/** Less often than `until` by default: each look is a request to the app, which reads all runs from storage. */
const pollMs = 200;

/** Waits for the end of this run, or of the newest one, and returns it. */
export async function endOf(cloud: TestCloud, runId?: string): Promise<RunView> {
  let run: RunView | undefined;
  await cloud.until(
    'the run ends',
    async () => {
      const { body } = await cloud.json<{ runs: RunView[] }>('GET', '/api/sweeps');
      run = runId === undefined ? body.runs[0] : body.runs.find((other) => other.runId === runId);
      return run !== undefined && !['queued', 'running'].includes(run.status);
    },
    pollMs,
  );
  if (!run) throw new Error('no run');
  return run;
}
