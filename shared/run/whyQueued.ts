import type { App } from '../app.ts';
import type { Documents } from '../storage/documents.ts';
import { type HubDocument, readHubDocument } from './hubDocument.ts';
import type { Run } from './run.ts';

/**
 * Returns the run, with the reason in `waitingFor` if it is queued: its hub is paused, another run of its hub ends first, or no worker
 * works on it yet. A reason that the run has stored, such as an outage of its hub, takes precedence. `document`: that of its hub, if the
 * caller has it. Throws what storage throws.
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
  if (isHeld) return "The hub's worker works on pending devices, or is about to begin this run.";
  return 'No worker works on this hub yet: other hubs may be first. The watch sends another wake-up within five minutes.';
}
