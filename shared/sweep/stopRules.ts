import type { ModuleSpec, Policy } from '../policy/moduleSpec.ts';
import type { Checkpoint, Run } from '../run/run.ts';
import type { Log } from '../telemetry/log.ts';
import { RunFailedError } from './runFailedError.ts';

/** The percentage of failures is checked only on more devices than this; on fewer devices it means little. */
const minDevicesForPercent = 100;

/**
 * Takes each module that has met a rule of its spec (`stop.maxFailurePercent`, `stop.maxChanges`) out of the run, which continues
 * with the other modules, so that a module that the hub refuses does not stop the others. Throws `RunFailedError` when no
 * module is left.
 */
export function stopModules(run: Run, policy: Policy, log: Log): void {
  for (const spec of policy) {
    const reason = isStopped(run.checkpoint, spec) ? undefined : reasonToStop(run, spec);
    if (reason !== undefined) leaveOut(run, spec, reason, log);
  }
  if (policy.every((spec) => isStopped(run.checkpoint, spec))) throw new RunFailedError(reasonOf(run));
}

/**
 * Takes the modules that the policy creates out of a run on a full hub (`reason` says so), so that the run continues with the others,
 * of which removals make room. Returns false, and changes nothing, if the run has nothing else to do.
 */
export function leaveOutCreated(run: Run, policy: Policy, reason: string, log: Log): boolean {
  const left = policy.filter((spec) => !isStopped(run.checkpoint, spec));
  const created = left.filter(({ ensure }) => ensure === 'present');
  if (created.length === 0 || created.length === left.length) return false;
  for (const spec of created) leaveOut(run, spec, reason, log);
  return true;
}

function leaveOut(run: Run, { moduleId }: ModuleSpec, reason: string, log: Log): void {
  const { hub, runId, checkpoint } = run;
  checkpoint.stopped[moduleId] = reason;
  checkpoint.todo = checkpoint.todo.filter((change) => change.moduleId !== moduleId);
  run.reason = reason;
  log.error('A module is left out of the run', { hub, runId, moduleId, reason });
}

/** Whether the run has left the module out. */
export function isStopped({ stopped }: Pick<Checkpoint, 'stopped'>, { moduleId }: { moduleId: string }): boolean {
  return Object.hasOwn(stopped, moduleId);
}

/** Throws `RunFailedError` at the end of a run that has left a module out. */
export function throwIfModuleStopped(run: Run): void {
  if (Object.keys(run.checkpoint.stopped).length === 0) return;
  throw new RunFailedError(`${reasonOf(run)} The run has completed the other modules.`);
}

function reasonOf({ checkpoint }: Run): string {
  return [...new Set(Object.values(checkpoint.stopped))].join(' ');
}

function reasonToStop({ counts, checkpoint, dryRun }: Run, { moduleId, stop }: ModuleSpec): string | undefined {
  const { devices } = counts;
  const failed = checkpoint.failures[moduleId] ?? 0;
  if (devices > minDevicesForPercent && failed * 100 > devices * stop.maxFailurePercent) {
    return `${moduleId}: ${failed} failures on ${devices} devices are more than ${stop.maxFailurePercent} %; read the run's failures, fix the cause and start a new run.`;
  }
  const done = checkpoint.changes[moduleId] ?? 0;
  const wanted = checkpoint.todo.filter((todo) => todo.moduleId === moduleId).length;
  if (stop.maxChanges !== undefined && done + wanted > stop.maxChanges) {
    const sum = dryRun
      ? `a run would make ${done + wanted} changes or more`
      : `${done} changes were made and ${wanted} more are due`;
    return `${moduleId}: ${sum}, which is more than stop.maxChanges (${stop.maxChanges}); raise it if that is intended.`;
  }
  return undefined;
}
