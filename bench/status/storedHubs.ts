import { noCounts } from '../../shared/run/counts.ts';
import { updateHubDocument } from '../../shared/run/hubDocument.ts';
import { keptRuns, noteEndedRun } from '../../shared/run/recentRuns.ts';
import { newRun, newRunId, type Run, runPath } from '../../shared/run/run.ts';
import { storedRun } from '../../shared/run/runDocument.ts';
import type { Documents } from '../../shared/storage/documents.ts';

const dayMs = 24 * 3600 * 1000;
const devices = 40_000;

/** Stores what a hub has after a month of nightly sweeps; with a live run if `isLive`. Throws what storage throws. */
export async function storeHub(documents: Documents, hub: string, isLive: boolean, nowMs: number): Promise<void> {
  const runs = Array.from({ length: keptRuns }, (_, index) => nightly(hub, nowMs - (keptRuns - index) * dayMs));
  for (const run of runs) {
    await documents.write(runPath(hub, run.runId), storedRun(run), undefined);
    await noteEndedRun(documents, run);
  }
  const live: Run = { ...nightly(hub, nowMs), status: 'running', finishedAt: null };
  if (isLive) await documents.write(runPath(hub, live.runId), storedRun(live), undefined);
  const { runId, counts, finishedAt } = runs.at(-1) ?? live;
  await updateHubDocument(documents, hub, (document) => ({
    ...document,
    lastFinishedSweep: { runId, counts, finishedAt: finishedAt ?? new Date(nowMs).toISOString() },
    headroom: { places: 500_000, countedAt: new Date(nowMs).toISOString() },
    ...(isLive
      ? { activeRun: { runId: live.runId, dryRun: false, requestedAt: live.requestedAt, startedBy: 'timer' as const } }
      : {}),
  }));
}

/** A sweep that began at `startMs` and is done, with a few failures. */
function nightly(hub: string, startMs: number): Run {
  const at = (ms: number) => new Date(ms).toISOString();
  const ref = { runId: newRunId(startMs, Math.random), dryRun: false, requestedAt: at(startMs) };
  return {
    ...newRun(hub, { ...ref, startedBy: 'timer' }),
    status: 'done',
    startedAt: at(startMs),
    finishedAt: at(startMs + 1_800_000),
    policy: '5e0e1f5a4f0c6a0b',
    counts: { ...noCounts(), devices, selected: devices, unchanged: devices - 30, created: 18, failed: 12 },
    causes: { failed: { 'HTTP 500': 12 } },
    health: {
      DefenderIotMicroAgent: { healthy: 39_000, failed: 10, silent: 990, invalidFields: {}, oldestActivity: null },
    },
    devicesAtEnd: devices,
  };
}
