import type { Policy } from '../policy/moduleSpec.ts';
import type { Run } from '../run/run.ts';

/** The policy says that a run in this state must not go on. The message is the run's reason. */
export class StopRuleError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StopRuleError';
  }
}

/** Before so many devices a share of failures means little (design section 5). */
const devicesBeforeShare = 100;

export function throwIfStopRuleMet(run: Run, policy: Policy): void {
  const { devices } = run.counts;
  for (const { moduleId, stop } of policy) {
    const failed = run.checkpoint.failures[moduleId] ?? 0;
    if (devices > devicesBeforeShare && failed * 100 > devices * stop.maxFailurePercent) {
      throw new StopRuleError(
        `${moduleId}: ${failed} failures on ${devices} devices are more than ${stop.maxFailurePercent} %; see the run's failures, fix the cause and start a new run.`,
      );
    }
    const made = run.checkpoint.changes[moduleId] ?? 0;
    const wanted = run.checkpoint.todo.filter((todo) => todo.moduleId === moduleId).length;
    if (stop.maxChanges !== undefined && made + wanted > stop.maxChanges) {
      throw new StopRuleError(
        `${moduleId}: ${made} modules were created and ${wanted} more are due, which is over stop.maxChanges (${stop.maxChanges}); raise it if that is meant.`,
      );
    }
  }
}
