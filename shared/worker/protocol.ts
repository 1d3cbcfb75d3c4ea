/**
 * The wake-up protocol as pure state machines: the hub's worker, a caller that has work for it, and the watch. The product
 * runs exactly these, and a test runs them against a model of storage in every order, with crashes. Invariants: never two
 * workers on one hub; a worker eventually looks at every pending device and every live run. After a crash of the worker, the
 * guard (a wake-up that becomes visible when the lease has expired) or the watch starts the next worker.
 */

/**
 * The worker's next action. It works only between `acquire` and `release`. Work that was stored while it held the lease got no
 * wake-up, or its wake-up was dropped, so the worker looks for work once more after the release. While it works, a guard
 * (`guard.ts`) is in the queue; it is removed last, so that a crash after the release leaves a wake-up too.
 */
export type WorkerState =
  | { does: 'acquire' }
  | { does: 'guard' }
  | { does: 'work' }
  | { does: 'release'; after: 'wake' | 'look' | 'end' }
  | { does: 'look' }
  | { does: 'unguard'; wake: boolean }
  | { does: 'end'; wake: boolean };

/** The result of the worker's action. */
export type WorkerFinding =
  | 'acquired'
  | 'held'
  | 'guarded'
  /** There is no more work. */
  | 'idle'
  /** The slice ended before the work did: deadline, or the process is stopping. */
  | 'more'
  /** Another worker may hold the lease. */
  | 'lost'
  /**
   * No work is possible: the hub refuses the app or serves no call, or there is no valid policy. An immediate wake-up would find
   * the same, so the next one comes from the watch, or is a delayed one that was sent during an outage.
   */
  | 'blocked'
  | 'released'
  | 'workLeft'
  | 'nothingLeft'
  | 'unguarded';

/** The state in which a worker begins. */
export const workerStart: WorkerState = { does: 'acquire' };

/** The state after `found`. Throws a TypeError if `state` cannot have this finding. */
export function workerNext(state: WorkerState, found: WorkerFinding): WorkerState {
  switch (`${state.does} ${found}`) {
    case 'acquire acquired':
      return { does: 'guard' };
    case 'acquire held':
      return { does: 'end', wake: false };
    case 'guard guarded':
      return { does: 'work' };
    case 'work idle':
      return { does: 'release', after: 'look' };
    case 'work more':
      return { does: 'release', after: 'wake' };
    case 'work blocked':
      return { does: 'release', after: 'end' };
    case 'work lost':
      // The lease may still be ours; an unused lease would block every other worker until it expires.
      return { does: 'release', after: 'look' };
    case 'look workLeft':
      return { does: 'unguard', wake: true };
    case 'look nothingLeft':
      return { does: 'unguard', wake: false };
  }
  if (state.does === 'unguard' && found === 'unguarded') return { does: 'end', wake: state.wake };
  if (state.does === 'release' && found === 'released') {
    return state.after === 'look' ? { does: 'look' } : { does: 'unguard', wake: state.after === 'wake' };
  }
  throw new TypeError(`A worker that does ${state.does} cannot find ${found}.`);
}

/**
 * The next action of a caller that has work for the hub: it stores the work first and checks the lease afterwards. If a worker
 * holds the lease at that moment, this worker looks for work again after its release. If not, the caller sends a wake-up.
 */
export type CallerState = { does: 'store' } | { does: 'lookAtLease' } | { does: 'wake' } | { does: 'end' };
/** The result of the caller's action. */
export type CallerFinding = 'stored' | 'held' | 'free' | 'woken';

/** The state in which a caller begins. */
export const callerStart: CallerState = { does: 'store' };

/** The state after `found`. Throws a TypeError if `state` cannot have this finding. */
export function callerNext(state: CallerState, found: CallerFinding): CallerState {
  switch (`${state.does} ${found}`) {
    case 'store stored':
      return { does: 'lookAtLease' };
    case 'lookAtLease held':
      return { does: 'end' };
    case 'lookAtLease free':
      return { does: 'wake' };
    case 'wake woken':
      return { does: 'end' };
  }
  throw new TypeError(`A caller that does ${state.does} cannot find ${found}.`);
}

/**
 * The next action of the watch, which runs every five minutes and replaces lost wake-ups. A wake-up that waits in line is not
 * lost: a second one would only lengthen the line.
 */
export type WatchState =
  | { does: 'lookAtLease' }
  | { does: 'lookForWork' }
  | { does: 'lookForWakeUp' }
  | { does: 'wake' }
  | { does: 'end' };
/** The result of the watch's action. */
export type WatchFinding =
  | 'held'
  | 'free'
  | 'workLeft'
  | 'nothingLeft'
  /** A wake-up waits in line, or was sent a moment ago. */
  | 'underWay'
  | 'noneUnderWay'
  | 'woken';

/** The state in which a round of the watch begins for one hub. */
export const watchStart: WatchState = { does: 'lookAtLease' };

/** The state after `found`. Throws a TypeError if `state` cannot have this finding. */
export function watchNext(state: WatchState, found: WatchFinding): WatchState {
  switch (`${state.does} ${found}`) {
    case 'lookAtLease held':
    case 'lookForWork nothingLeft':
    case 'lookForWakeUp underWay':
    case 'wake woken':
      return { does: 'end' };
    case 'lookAtLease free':
      return { does: 'lookForWork' };
    case 'lookForWork workLeft':
      return { does: 'lookForWakeUp' };
    case 'lookForWakeUp noneUnderWay':
      return { does: 'wake' };
  }
  throw new TypeError(`A watch that does ${state.does} cannot find ${found}.`);
}
