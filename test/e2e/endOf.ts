import type { TestCloud } from './testCloud.ts';

/** What the API tells of a run, as far as these tests look at it. */
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

/** The run once it has ended: this one, or the newest. */
export async function endOf(cloud: TestCloud, runId?: string): Promise<RunView> {
  let run: RunView | undefined;
  await cloud.until('the run ends', async () => {
    const { body } = await cloud.json<{ runs: RunView[] }>('GET', '/api/sweeps');
    run = runId === undefined ? body.runs[0] : body.runs.find((other) => other.runId === runId);
    return run !== undefined && !['queued', 'running'].includes(run.status);
  });
  if (!run) throw new Error('no run');
  return run;
}
