import { readHubDocument } from './hubDocument.ts';
import { OpenRun, type OpenRunDeps, RunEndedError } from './openRun.ts';
import { isLive } from './run.ts';
import { readOrWriteRun } from './runStore.ts';

/**
 * Shows in the hub's active run why no slice works on it now; the first call of a later slice that the hub serves clears it. Does
 * nothing without a live run. Throws `LeaseLostError` as `OpenRun`.
 */
export async function showRunWaits(deps: OpenRunDeps, hub: string, reason: string): Promise<void> {
  const { activeRun } = await readHubDocument(deps.documents, hub);
  if (!activeRun) return;
  await readOrWriteRun(deps.documents, hub, activeRun); // the process that started the run may have failed before it wrote the document
  const openRun = await OpenRun.open(deps, hub, activeRun.runId);
  if (!openRun || !isLive(openRun.run) || openRun.run.waitingFor === reason) return;
  openRun.run.waitingFor = reason;
  try {
    await openRun.save();
  } catch (error) {
    if (!(error instanceof RunEndedError)) throw error; // cancelled meanwhile
  }
}
