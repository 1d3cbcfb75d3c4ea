import type { Policy } from '../policy/moduleSpec.ts';
import type { Run } from '../run/run.ts';

/** A stop rule ends the run. The message becomes the run's reason. */
export class StopRuleError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StopRuleError';
  }
}

/** A percentage of failures means little on fewer devices. */
const minDevicesForPercent = 100;

/** Throws `StopRuleError` if a spec has too many failures (`stop.maxFailurePercent`) or changes (`stop.maxChanges`). */
export function throwIfStopRuleMet(run: Run, policy: Policy): void {
  const { devices } = run.counts;
  for (const { moduleId, stop } of policy) {
    const failed = run.checkpoint.failures[moduleId] ?? 0;
    if (devices > minDevicesForPercent && failed * 100 > devices * stop.maxFailurePercent) {
      throw new StopRuleError(
        `${moduleId}: ${failed} failures on ${devices} devices are more than ${stop.maxFailurePercent} %; read the run's failures, fix the cause and start a new run.`,
      );
    }
    const done = run.checkpoint.changes[moduleId] ?? 0;
    const wanted = run.checkpoint.todo.filter((todo) => todo.moduleId === moduleId).length;
    if (stop.maxChanges !== undefined && done + wanted > stop.maxChanges) {
      throw new StopRuleError(
        `${moduleId}: ${done} modules were created and ${wanted} more are due, which is more than stop.maxChanges (${stop.maxChanges}); raise it if that is intended.`,
      );
    }
  }
}
