import type { ModuleName } from '../hub/registry.ts';
import { sawWholeHub } from '../run/devicesSeen.ts';
import { flappingRepairs, widelyFlapping } from '../run/repairs.ts';
import type { Run } from '../run/run.ts';
import type { Log } from '../telemetry/log.ts';

/** How many flapping modules the reason of the run names. */
const maxNames = 3;

/**
 * Adds remarks on the counts to the reason of the run, and logs them. Call it when the listing has ended. `flapping`: the
 * modules that events no longer repair.
 */
export function addEndRemarks(run: Run, flapping: readonly ModuleName[], log: Log): void {
  // A slice may end between this and the last save of the run; the next slice then calls this again.
  const remarks = endRemarks(run, flapping).filter((remark) => !run.reason?.includes(remark));
  for (const warning of remarks) log.warn('Sweep warning', { hub: run.hub, runId: run.runId, warning });
  if (remarks.length > 0) run.reason = [...(run.reason ? [run.reason] : []), ...remarks].join(' ');
}

function endRemarks(run: Run, flapping: readonly ModuleName[]): string[] {
  const { counts, preflight, devicesAtEnd } = run;
  const remarks: string[] = [];
  if (!sawWholeHub(run)) {
    remarks.push(
      `The hub's query index listed ${counts.devices} devices, but the hub counts ${devicesAtEnd} (${preflight?.devices ?? 'unknown'} when the run began): more than 1 % are missing, so no coverage is reported; start another run later.`,
    );
  }
  if (counts.unreadable > 0) {
    remarks.push(`${counts.unreadable} rows of the listing could not be read, so their devices are not counted.`);
  }
  if (counts.devices > 0 && counts.selected === 0) {
    remarks.push(`The policy selects none of the ${counts.devices} devices.`);
  }
  if (flapping.length > 0) {
    const names = flapping.slice(0, maxNames).map(({ deviceId, moduleId }) => `${deviceId}/${moduleId}`);
    const others = flapping.length > maxNames ? `, and ${flapping.length - maxNames} others` : '';
    remarks.push(
      `Another client keeps deleting or changing modules: ${flapping.length} repaired ${flappingRepairs} times within a day, so that only sweeps repair them for now: ${names.join(', ')}${others}.`,
    );
    for (const moduleId of widelyFlapping(flapping)) {
      remarks.push(`For now only sweeps repair ${moduleId} on any device, because it flaps on so many.`);
    }
  }
  return remarks;
}
