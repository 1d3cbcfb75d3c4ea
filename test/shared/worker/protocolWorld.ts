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
  /** Whether its guard is in the queue. */
  guarded: boolean;
}

/** State of storage, queue and actors; plain data, so that it can be copied and compared. */
export interface World {
  /** Index of the worker that holds the lease; `dead` until the lease of a crashed one has expired. */
  lease: number | 'free' | 'dead';
  pending: number;
  /** Messages of crashed workers that are still hidden. */
  hiddenPending: number;
  hiddenWakeUps: number;
  /** Of dead workers: each becomes a wake-up when its worker's lease has expired. */
  guards: number;
  wakeUps: number;
  workers: (Worker | undefined)[];
  callers: ModelCaller[];
  watch: WatchState | undefined;
  crashesLeft: number;
  lossesLeft: number;
  /** How often a guard may become visible too early, since it could not be moved. */
  earlyGuardsLeft: number;
  /**
   * Only these steps of a worker can be its last, and it has no messages then: those that a dead worker had taken come back when
   * their own time is over, and wait for the watch. Undefined: any step.
   */
  crashesAt?: WorkerState['does'][];
}

const maxWorkers = 2;

export function start(changes: Partial<World>): World {
  return {
    lease: 'free',
    pending: 0,
    hiddenPending: 0,
    hiddenWakeUps: 0,
    guards: 0,
    wakeUps: 0,
    workers: Array.from({ length: maxWorkers }, () => undefined),
    callers: [],
    watch: undefined,
    crashesLeft: 0,
    lossesLeft: 0,
    earlyGuardsLeft: 0,
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
