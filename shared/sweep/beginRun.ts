import type { Clock } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';
import type { HubBudgets } from '../hub/hubBudgets.ts';
import type { Registry } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import type { PolicyOrigin } from '../policy/policyInForce.ts';
import { noExemptions } from '../run/exemptionCounts.ts';
import type { OpenRun } from '../run/openRun.ts';
import { noteOrigin, type Run } from '../run/run.ts';
import type { Log } from '../telemetry/log.ts';
import { restartListing } from './checkpointNotes.ts';
import { pageRows } from './pageReader.ts';
import { logPreflight, preflight } from './preflight.ts';
import { RunFailedError } from './runFailedError.ts';

/** What beginning a run needs. */
interface BeginDeps {
  hub: Pick<HubConfig, 'hostName' | 'tier' | 'units' | 'budgetPercent'>;
  log: Log;
  registry: Registry;
  budgets: HubBudgets;
  policy: Policy;
  origin: PolicyOrigin;
  clock: Pick<Clock, 'now'>;
  hasRemoved(): Promise<boolean>;
  hasDryRun(): Promise<boolean>;
  noteHeadroom(headroom: number | null): Promise<void>;
}

/**
 * Begins the listing of a new run, or restarts the listing of a run that has begun, for the reason `anew`. All reads come before the
 * first change of the run: if the slice ends between two of them, its last save must not store the new policy together with the
 * permission of the previous policy to remove modules. Throws `RunFailedError`, and what the registry and storage throw.
 */
export async function beginRun(openRun: OpenRun, deps: BeginDeps, anew: string | undefined): Promise<void> {
  const { run } = openRun;
  const { registry, budgets, policy, origin, hub, log, clock } = deps;
  await throwIfRemovedElsewhere(run, deps);
  const found = await preflight(registry, budgets, policy, hub);
  const isRemovalAllowed = await mayRemove(run, deps);
  if (anew !== undefined) {
    restartListing(openRun, anew, { restarts: run.checkpoint.restarts, mayRemove: isRemovalAllowed });
  }
  noteOrigin(run, origin);
  run.preflight = found;
  run.exemptions ??= noExemptions();
  run.health ??= {};
  run.checkpoint.pageRows = pageRows(budgets, policy);
  run.checkpoint.mayRemove = isRemovalAllowed;
  run.checkpoint.hostName = hub.hostName;
  run.checkpoint.places = found.places;
  run.checkpoint.listingSince = new Date(clock.now()).toISOString();
  await deps.noteHeadroom(found.places);
  logPreflight(log, run, found);
  run.status = 'running';
  run.startedAt ??= run.checkpoint.listingSince;
  await openRun.save();
}

/** Whether the run may remove modules whose spec requires a dry run. Throws what storage throws. */
export async function mayRemove({ dryRun }: Run, { hasDryRun }: Pick<BeginDeps, 'hasDryRun'>): Promise<boolean> {
  return dryRun || hasDryRun();
}

/** An undo creates all modules that a run has removed, so all of them must come from one hub. */
async function throwIfRemovedElsewhere({ checkpoint }: Run, { hub, hasRemoved }: BeginDeps): Promise<void> {
  const { hostName: before } = checkpoint;
  if (before === null || before === hub.hostName || !(await hasRemoved())) return;
  throw new RunFailedError(
    `The run has removed modules from ${before}, and the host name of the hub is ${hub.hostName} now; start another run.`,
  );
}
