import {
  type CallerFinding,
  type CallerState,
  callerNext,
  callerStart,
  type WatchState,
  type WorkerState,
  workerNext,
} from '../../../shared/worker/protocol.ts';

/** A worker: where it stands, and whether the lease that it took is still its own. */
export interface Worker {
  state: WorkerState;
  /** Pending messages that it has taken and not removed. */
  taken: number;
}

/** Store, queue and actors at one moment; small and plain, so that it can be copied and compared. */
export interface World {
  /** Index of the worker that holds the lease; `dead` until the lease of a dead one has run out. */
  lease: number | 'free' | 'dead';
  pending: number;
  /** Messages of dead workers that are still hidden. */
  hiddenPending: number;
  hiddenWakeUps: number;
  wakeUps: number;
  workers: (Worker | undefined)[];
  callers: ModelCaller[];
  watch: WatchState | undefined;
  crashesLeft: number;
  lossesLeft: number;
}

const maxWorkers = 2;

export function start(changes: Partial<World>): World {
  return {
    lease: 'free',
    pending: 0,
    hiddenPending: 0,
    hiddenWakeUps: 0,
    wakeUps: 0,
    workers: Array.from({ length: maxWorkers }, () => undefined),
    callers: [],
    watch: undefined,
    crashesLeft: 0,
    lossesLeft: 0,
    ...changes,
  };
}

/** The machines under test, or ones with a fault in them that the search must find. */
export interface Machines {
  worker: typeof workerNext;
  callerStart: ModelCaller;
  caller: (state: ModelCaller, found: CallerFinding) => ModelCaller;
}

/** `storeOnly` is the last step of a faulty caller, which looks at the lease before it stores its work. */
type ModelCaller = CallerState | { does: 'storeOnly' };

export const protocol: Machines = {
  worker: workerNext,
  callerStart,
  caller: (state, found) => callerNext(state as CallerState, found),
};
