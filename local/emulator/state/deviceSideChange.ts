import { type Micros, microsOf } from '../wire/timeText.ts';
import type { DeviceSide, DeviceSideChange } from './deviceSide.ts';
import type { DeviceRow, ModuleRow } from './identityRow.ts';
import { reportedAfter } from './twinChange.ts';
import { creationKindOf } from './twinJson.ts';
import { initialSection } from './twinRecord.ts';

/** The device side of an identity after `change`. Neither the etag of the identity nor that of the twin depends on it. */
export function changedDeviceSide(row: DeviceRow | ModuleRow, change: DeviceSideChange, nowMicros: Micros): DeviceSide {
  const before = row.deviceSide;
  const { connectionState = before.connectionState, reported, lastActivityAtMs } = change;
  const isSameState = connectionState === before.connectionState;
  return {
    connectionState,
    connectionStateUpdatedMicros: isSameState ? before.connectionStateUpdatedMicros : nowMicros,
    lastActivityMicros: lastActivityAtMs === undefined ? nowMicros : microsOf(lastActivityAtMs),
    reported: reported
      ? reportedAfter(before.reported ?? initialSection(creationKindOf(row), row.createdMicros), reported, nowMicros)
      : before.reported,
  };
}
