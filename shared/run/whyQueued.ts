import type { App } from '../app.ts';
import type { Documents } from '../storage/documents.ts';
import { type HubDocument, readHubDocument } from './hubDocument.ts';
import type { Run } from './run.ts';

/**
 * The run with `waitingFor` filled in while it is queued: because its hub is paused, for another run of its hub, for a worker, or for a worker that does
 * something else first. `document` is that of its hub if the caller has it. What the run itself has stored, such as an outage of the hub, goes first. Throws what storage throws.
 */
export async function withWaitingFor(
  {
    documents,
    cachedLeases,
    hubs,
  }: Pick<App, 'cachedLeases'> & {
    documents: Pick<Documents, 'read'>;
    hubs: ReadonlyMap<string, { hub: { paused: boolean } }>;
  },
  run: Run,
  document?: Pick<HubDocument, 'activeRun'>,
): Promise<Run> {
  if (run.status !== 'queued' || run.waitingFor !== null) return run;
  if (hubs.get(run.hub)?.hub.paused) return { ...run, waitingFor: 'The hub is paused in the settings.' };
  const [{ activeRun }, isHeld] = await Promise.all([
    document ?? readHubDocument(documents, run.hub),
    cachedLeases.isHeld(run.hub),
  ]);
  return { ...run, waitingFor: whyQueued(run, activeRun, isHeld) };
}

function whyQueued({ runId }: Run, activeRun: { runId: string; dryRun: boolean } | undefined, isHeld: boolean): string {
  if (activeRun && activeRun.runId !== runId) {
    return `The ${activeRun.dryRun ? 'dry run' : 'run'} ${activeRun.runId} of this hub ends first.`;
  }
  if (isHeld) return "The hub's worker is at work on pending devices, or about to begin this run.";
  return 'A worker for this hub: other hubs may be first. The watch sends another wake-up within five minutes.';
}
