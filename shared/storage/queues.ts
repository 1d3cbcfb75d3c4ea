/** Where a pending device comes from; used only by telemetry. */
interface PendingOrigin {
  /** W3C `traceparent` of the span that made the device pending. */
  traceparent?: string;
  /** The creation time in the event of the device; ISO 8601. */
  eventTime?: string;
}

/** A device that waits for the worker of its hub. */
export interface PendingDevice {
  deviceId: string;
  /** How often the worker looked for this device and did not find it. */
  tries: number;
  /** Its event told of a change at an older device, so that changes at its modules are repairs. Absent: not. */
  repair?: true;
  origin?: PendingOrigin;
}

/** A queue message that was received and is hidden from other receivers. */
export interface PendingMessage extends PendingDevice {
  /** The ids that the queue needs to remove or update the message. */
  receipt: { messageId: string; popReceipt: string };
}

/** One queue of pending devices for each hub. Messages never expire. A delay is rounded up to whole seconds. */
export interface PendingDevices {
  /** The message becomes visible after `delayMs`. */
  add(hub: string, device: PendingDevice, delayMs: number): Promise<void>;
  /** Receives up to `max` messages (at most 32 in one call) and hides them from other receivers for `hiddenMs`. */
  take(hub: string, max: number, hiddenMs: number): Promise<PendingMessage[]>;
  /** No error if the message is gone, or became visible again and another receiver has it. */
  remove(hub: string, message: PendingMessage): Promise<void>;
  /** Replaces the content of the message and hides it for `delayMs`. No error in the same cases as `remove`. */
  putBack(hub: string, message: PendingMessage, device: PendingDevice, delayMs: number): Promise<void>;
  /**
   * Hides the message for `hiddenMs` from now on. Returns it with its new receipt; undefined in the cases in which `remove` has no
   * effect.
   */
  keepHidden(hub: string, message: PendingMessage, hiddenMs: number): Promise<PendingMessage | undefined>;
  /** Whether the queue has a message that is not hidden. */
  hasVisible(hub: string): Promise<boolean>;
  /** Returns the approximate number of messages, with the hidden ones. */
  approximateCount(hub: string): Promise<number>;
}

/** Sends wake-ups: each makes the app start one slice of work on a hub. */
export interface WakeUps {
  /** The wake-up becomes visible after `delayMs`. */
  send(hub: string, delayMs: number): Promise<void>;
}

/** The wake-ups that wait in line, as far as one look shows them. */
interface WaitingWakeUps {
  /** The hubs of those that were seen; a hub may be there several times. */
  hubs: string[];
  /** Whether there are no others. */
  complete: boolean;
}

/** A wake-up that is not visible yet. */
export interface DelayedWakeUp {
  /**
   * Makes it visible `delayMs` from now. False if that is too late: it was visible, and somebody received or removed it. After an
   * error it is not known whether it was moved.
   */
  move(delayMs: number): Promise<boolean>;
  /** No error if somebody else received or removed it. */
  remove(): Promise<void>;
}

/** The queue of wake-ups, `hub-work`, as its workers and the watch see it. */
export interface WakeUpQueue extends WakeUps {
  /** Looks at the first 32 visible messages and changes none: those that are delayed or being worked on are not visible. */
  waiting(): Promise<WaitingWakeUps>;
  /** Returns the approximate number of messages in its poison queue, `hub-work-poison`. */
  poisonedCount(): Promise<number>;
  /** Sends a wake-up as `send` does; the result can move and remove it while it is delayed. */
  sendDelayed(hub: string, delayMs: number): Promise<DelayedWakeUp>;
}
