import type { Clock } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';
import type { Documents } from '../storage/documents.ts';
import type { Leases } from '../storage/leases.ts';
import type { PendingDevices, Rings } from '../storage/queues.ts';
import type { Log } from '../telemetry/log.ts';
import { updateHubDocument } from './hubDocument.ts';
import { hasWork } from './hubWorker.ts';
import { isLive } from './run.ts';
import { endRun, readRun } from './runs.ts';

export interface WatchDeps {
  hub: HubConfig;
  documents: Documents;
  leases: Leases;
  pending: PendingDevices;
  rings: Rings;
  clock: Clock;
  log: Log;
}

/** A run that was woken so often without a new checkpoint will not come to an end by itself (design section 5). */
const maxWakes = 3;

/** Rings a hub that has work and no worker; ends a run that does not get on although it was woken again and again. */
export async function watchHub(deps: WatchDeps): Promise<void> {
  const { hub, documents, leases, rings, log } = deps;
  if (hub.paused || (await leases.isHeld(hub.name)) || !(await hasWork(deps))) return;
  const { watch } = await updateHubDocument(documents, hub.name, async (document) => {
    const { activeRun } = document;
    const run = activeRun && (await readRun(documents, hub.name, activeRun.runId));
    if (!run || !isLive(run)) return undefined;
    const { runId, checkpointAt } = run;
    const before = document.watch;
    const same = before?.runId === runId && before.checkpointAt === checkpointAt;
    return { ...document, watch: { runId, checkpointAt, wakes: same ? before.wakes + 1 : 1 } };
  });
  if (watch && watch.wakes > maxWakes) {
    const { runId } = watch;
    await endRun(deps, hub.name, runId, { status: 'failed', reason: 'stalled' });
    log.error('Run ended', { hub: hub.name, runId, status: 'failed', reason: 'stalled', wakes: maxWakes });
  }
  log.warn('The hub had work and no worker; it is rung', { hub: hub.name });
  await rings.ring(hub.name, 0);
}
