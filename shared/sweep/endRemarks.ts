import { sawWholeHub } from '../run/devicesSeen.ts';
import type { Run } from '../run/run.ts';

/** What a reader of a finished run must know beside its counts, as sentences; empty if there is nothing. */
export function endRemarks(run: Run): string[] {
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
  return remarks;
}
