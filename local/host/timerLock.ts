/** A lock by which only one of several instances runs a timer. */
export interface TimerLock {
  /** Whether this instance may run the timer now. */
  isHeld(): boolean;
  /** Resolves when this instance holds the lock. Rejects with the reason of `signal`. */
  acquire(signal: AbortSignal): Promise<void>;
  /** Gives the lock up, so that another instance gets it at its next attempt. Never rejects. */
  release(): Promise<void>;
}

/** For an app without a storage account: every instance runs its timers. */
export const noTimerLock: TimerLock = {
  isHeld: () => true,
  acquire: async (signal) => signal.throwIfAborted(),
  release: async () => undefined,
};
