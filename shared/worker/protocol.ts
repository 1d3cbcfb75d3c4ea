/**
 * Who wakes whom, as pure state machines: the hub's worker, whoever leaves work for it, and the watch. The real code runs
 * exactly these, and a test runs them against a model of the store in every possible order, crashes included. What must
 * hold: never two workers on one hub, and no pending device and no unfinished run that nobody will look at.
 */

/**
 * What the worker does next. It works only between `acquire` and `release`. What came while it held the lease was not
 * rung for, or its ring was dropped, so it looks once more behind the release.
 */
export type WorkerState =
  | { does: 'acquire' }
  | { does: 'work' }
  | { does: 'release'; after: 'wake' | 'look' | 'end' }
  | { does: 'look' }
  | { does: 'end'; wake: boolean };

/** What it found when it did that. */
export type WorkerFinding =
  | 'acquired'
  | 'held'
  /** Nothing is left to do. */
  | 'idle'
  /** Time was up, or the process is about to end. */
  | 'more'
  /** The lease may be somebody else's. */
  | 'lost'
  /** The hub refuses us altogether; sending at once would meet the same, so the watch is left to try again. */
  | 'blocked'
  | 'released'
  | 'workLeft'
  | 'nothingLeft';

export const workerStart: WorkerState = { does: 'acquire' };

/** Throws a TypeError for a finding that cannot be in this state. */
export function workerNext(state: WorkerState, found: WorkerFinding): WorkerState {
  switch (`${state.does} ${found}`) {
    case 'acquire acquired':
      return { does: 'work' };
    case 'acquire held':
      return { does: 'end', wake: false };
    case 'work idle':
      return { does: 'release', after: 'look' };
    case 'work more':
      return { does: 'release', after: 'wake' };
    case 'work blocked':
      return { does: 'release', after: 'end' };
    case 'work lost':
      // Perhaps it only seemed lost; a lease that is kept for nothing would keep everybody else away.
      return { does: 'release', after: 'look' };
    case 'look workLeft':
      return { does: 'end', wake: true };
    case 'look nothingLeft':
      return { does: 'end', wake: false };
  }
  if (state.does === 'release' && found === 'released') {
    return state.after === 'look' ? { does: 'look' } : { does: 'end', wake: state.after === 'wake' };
  }
  throw new TypeError(`A worker that does ${state.does} cannot find ${found}.`);
}

/**
 * What somebody does who has work for the hub: store it first, look at the lease after. A worker that is seen at work has
 * yet to look again; one that is not must be rung for.
 */
export type CallerState = { does: 'store' } | { does: 'lookAtLease' } | { does: 'wake' } | { does: 'end' };
export type CallerFinding = 'stored' | 'held' | 'free' | 'woken';

export const callerStart: CallerState = { does: 'store' };

/** Throws a TypeError for a finding that cannot be in this state. */
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

/** What the watch does every five minutes: whatever was lost on the way, this finds. */
export type WatchState = { does: 'lookAtLease' } | { does: 'lookForWork' } | { does: 'wake' } | { does: 'end' };
export type WatchFinding = 'held' | 'free' | 'workLeft' | 'nothingLeft' | 'woken';

export const watchStart: WatchState = { does: 'lookAtLease' };

/** Throws a TypeError for a finding that cannot be in this state. */
export function watchNext(state: WatchState, found: WatchFinding): WatchState {
  switch (`${state.does} ${found}`) {
    case 'lookAtLease held':
    case 'lookForWork nothingLeft':
    case 'wake woken':
      return { does: 'end' };
    case 'lookAtLease free':
      return { does: 'lookForWork' };
    case 'lookForWork workLeft':
      return { does: 'wake' };
  }
  throw new TypeError(`A watch that does ${state.does} cannot find ${found}.`);
}
