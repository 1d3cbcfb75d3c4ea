import {
  type CallerFinding,
  type CallerState,
  callerNext,
  callerStart,
  type WatchState,
  type WorkerState,
  workerNext,
} from '../../../shared/worker/protocol.ts';

/** A worker's state and its pending messages. */
export interface Worker {
  state: WorkerState;
  /** Pending messages that it has taken and not removed. */
  taken: number;
}

/** State of storage, queue and actors; plain data, so that it can be copied and compared. */
export interface World {
  /** Index of the worker that holds the lease; `dead` until the lease of a crashed one has expired. */
  lease: number | 'free' | 'dead';
  pending: number;
  /** Messages of crashed workers that are still hidden. */
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

/** The state machines under test, or faulty ones whose fault the search must find. */
export interface Machines {
  worker: typeof workerNext;
  callerStart: ModelCaller;
  caller: (state: ModelCaller, found: CallerFinding) => ModelCaller;
}

/** `storeOnly` is the last step of a faulty caller, which checks the lease before it stores its work. */
type ModelCaller = CallerState | { does: 'storeOnly' };

export const protocol: Machines = {
  worker: workerNext,
  callerStart,
  caller: (state, found) => callerNext(state as CallerState, found),
};
