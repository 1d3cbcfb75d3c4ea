/** The event or request that made a device pending; only for telemetry. */
interface PendingOrigin {
  /** W3C `traceparent` of the span that made the device pending. */
  traceparent?: string;
  /** The creation time in the event of the device; ISO 8601. */
  eventTime?: string;
}

/** A device that waits for the worker of its hub. */
export interface PendingDevice {
  deviceId: string;
  /** How often the worker has tried to reconcile the device, which was missing or failed. */
  tries: number;
  /** Present if message routing reported a change of a device that is not new, so that changes of its modules are repairs. */
  repair?: true;
  origin?: PendingOrigin;
}

/** A received message, which is hidden from other receivers. */
export interface PendingMessage extends PendingDevice {
  /** What the queue needs to remove or update the message. */
  receipt: { messageId: string; popReceipt: string };
}

/** One queue of pending devices for each hub. Messages never expire. A delay is rounded up to whole seconds. */
export interface PendingDevices {
  /** Adds a message that becomes visible after `delayMs`. */
  add(hub: string, device: PendingDevice, delayMs: number): Promise<void>;
  /** Receives up to `max` messages (at most 32 in one call) and hides them from other receivers for `hiddenMs`. */
  take(hub: string, max: number, hiddenMs: number): Promise<PendingMessage[]>;
  /** Removes the message. No effect if it was removed, or became visible again and another receiver got it. */
  remove(hub: string, message: PendingMessage): Promise<void>;
  /** Replaces the content of the message and hides it for `delayMs`. No effect in the same cases as `remove`. */
  putBack(hub: string, message: PendingMessage, device: PendingDevice, delayMs: number): Promise<void>;
  /**
   * Hides the message for `hiddenMs` from now. Returns the message with its new receipt; undefined if it was removed, or became
   * visible again and another receiver got it.
   */
  keepHidden(hub: string, message: PendingMessage, hiddenMs: number): Promise<PendingMessage | undefined>;
  /** Whether the queue has a message that is visible now. */
  hasVisible(hub: string): Promise<boolean>;
  /** Returns the approximate number of messages, including hidden ones. */
  approximateCount(hub: string): Promise<number>;
}

/** Sends wake-ups: each makes the app start one slice of work on a hub. */
export interface WakeUps {
  /** Sends a wake-up that becomes visible after `delayMs`. */
  send(hub: string, delayMs: number): Promise<void>;
}

/** The visible wake-ups that one request to the queue returns. */
interface WaitingWakeUps {
  /** The hubs of these wake-ups; a hub may occur several times. */
  hubs: string[];
  /** True if these are all visible wake-ups; false if there may be others. */
  complete: boolean;
}

/** A wake-up that is not visible yet. */
export interface DelayedWakeUp {
  /**
   * Makes the wake-up visible `delayMs` from now. False if it was visible already and a receiver got or removed it. After an
   * error it is not known whether the wake-up was moved.
   */
  move(delayMs: number): Promise<boolean>;
  /** Removes the wake-up. No effect if a receiver got or removed it. */
  remove(): Promise<void>;
}

/** The queue of wake-ups, `hub-work`, for workers and the watch. */
export interface WakeUpQueue extends WakeUps {
  /** Reads the first 32 visible messages and leaves them visible. Delayed messages and those that a worker has are not visible. */
  waiting(): Promise<WaitingWakeUps>;
  /** Returns the approximate number of messages in the poison queue, `hub-work-poison`. */
  poisonedCount(): Promise<number>;
  /** Sends a wake-up that becomes visible after `delayMs`; until then the result can move or remove it. */
  sendDelayed(hub: string, delayMs: number): Promise<DelayedWakeUp>;
}
