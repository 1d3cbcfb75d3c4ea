import type { JsonObject } from '../wire/jsonObject.ts';
import type { Micros } from '../wire/timeText.ts';
import type { TwinSection } from './twinRecord.ts';

/** What the program on a device does with its identity; members that are missing stay as they are. */
export interface DeviceSideChange {
  connectionState?: ConnectionState;
  /** Merged into the reported properties of the twin; null deletes. */
  reported?: JsonObject;
  /** Milliseconds since 1970; default: now. */
  lastActivityAtMs?: number;
}

export type ConnectionState = 'Connected' | 'Disconnected';
export const connectionStates: readonly ConnectionState[] = ['Connected', 'Disconnected'];

/** What a hub learns from the device's own connection. Never changed in place, so that a stale view keeps its content. */
export interface DeviceSide {
  readonly connectionState: ConnectionState;
  readonly connectionStateUpdatedMicros: Micros;
  readonly lastActivityMicros: Micros;
  /** Undefined until the device reports. */
  readonly reported: TwinSection | undefined;
}
