import type { OperationClass } from '../hub/hubBudgets.ts';
import type { Telemetry } from './telemetry.ts';

/** For `Pace.onThrottled`. */
export function recordThrottled(
  telemetry: Telemetry,
  hub: string,
): (operationClass: OperationClass, waitedMs: number) => void {
  return (operationClass, waitedMs) =>
    telemetry.count('keeper.throttled_seconds', waitedMs / 1000, { hub, operationClass });
}
