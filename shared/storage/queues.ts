/** Where a pending device comes from, for telemetry alone: nothing that is done depends on it. */
export interface PendingOrigin {
  /** W3C `traceparent` of the work that left it. */
  traceparent?: string;
  /** When its event says that it was created; ISO 8601. */
  eventTime?: string;
}

/** A device that waits to be reconciled by its hub's worker. */
export interface PendingDevice {
  deviceId: string;
  /** How often the worker found no such device so far. */
  tries: number;
  origin?: PendingOrigin;
}

export interface PendingMessage extends PendingDevice {
  /** Names the message and this receipt of it; only the queue reads it. */
  receipt: { messageId: string; popReceipt: string };
}

/** The devices that wait, by hub. Messages never expire. */
export interface PendingDevices {
  add(hub: string, device: PendingDevice, delayMs: number): Promise<void>;
  /** Hides up to `max` messages (at most 32 in one call) from others for `hiddenMs`. */
  take(hub: string, max: number, hiddenMs: number): Promise<PendingMessage[]>;
  /** No error if the message ran out of its hiding and was taken by somebody else. */
  remove(hub: string, message: PendingMessage): Promise<void>;
  /** Hides the message for `delayMs` more, under a new content. No error if somebody else took it. */
  putBack(hub: string, message: PendingMessage, device: PendingDevice, delayMs: number): Promise<void>;
  /** Whether a message could be taken at this moment; those that are hidden do not count. */
  hasVisible(hub: string): Promise<boolean>;
  /** About how many messages there are, those that are hidden included. */
  approximateCount(hub: string): Promise<number>;
}

/** Wakes hubs' workers. */
export interface WakeUps {
  send(hub: string, delayMs: number): Promise<void>;
}
