import { describe, expect, test } from '@jest/globals';
import {
  type CallerFinding,
  type CallerState,
  callerNext,
  callerStart,
  type WatchState,
  type WorkerFinding,
  type WorkerState,
  watchNext,
  watchStart,
  workerNext,
  workerStart,
} from '../../../shared/worker/protocol.ts';

/** A worker: where it stands, and whether the lease that it took is still its own. */
interface Worker {
  state: WorkerState;
  /** Pending messages that it has taken and not removed. */
  taken: number;
}

/** Store, queue and actors at one moment; small and plain, so that it can be copied and compared. */
interface World {
  /** Index of the worker that holds the lease; `dead` until the lease of a dead one has run out. */
  lease: number | 'free' | 'dead';
  pending: number;
  /** Messages of dead workers that are still hidden. */
  hiddenPending: number;
  hiddenRings: number;
  rings: number;
  workers: (Worker | undefined)[];
  callers: ModelCaller[];
  watch: WatchState | undefined;
  crashesLeft: number;
  lossesLeft: number;
}

const maxWorkers = 2;

function start(changes: Partial<World>): World {
  return {
    lease: 'free',
    pending: 0,
    hiddenPending: 0,
    hiddenRings: 0,
    rings: 0,
    workers: Array.from({ length: maxWorkers }, () => undefined),
    callers: [],
    watch: undefined,
    crashesLeft: 0,
    lossesLeft: 0,
    ...changes,
  };
}

/** The machines under test, or ones with a fault in them that the search must find. */
interface Machines {
  worker: typeof workerNext;
  callerStart: ModelCaller;
  caller: (state: ModelCaller, found: CallerFinding) => ModelCaller;
}

type ModelCaller = CallerState | { does: 'storeOnly' };

const protocol: Machines = {
  worker: workerNext,
  callerStart,
  caller: (state, found) => callerNext(state as CallerState, found),
};

/** Every world that one step of one actor, or of fate, can make of this one. */
function successors(world: World, machines: Machines): World[] {
  const worlds: World[] = [];
  const step = (change: (copy: World) => void) => {
    const copy = structuredClone(world);
    change(copy);
    worlds.push(copy);
  };
  world.workers.forEach((worker, index) => {
    if (!worker) {
      if (world.rings > 0) {
        step((copy) => {
          copy.rings -= 1; // in flight now: acknowledged at the end, or visible again after a crash
          copy.workers[index] = { state: workerStart, taken: 0 };
        });
      }
      return;
    }
    for (const finding of findings(world, worker, index)) step((copy) => moveWorker(copy, index, finding, machines));
    if (world.crashesLeft > 0) step((copy) => crash(copy, index));
  });
  world.callers.forEach((caller, index) => {
    if (caller.does !== 'end') step((copy) => moveCaller(copy, index, machines));
  });
  if (world.watch && world.watch.does !== 'end') step(moveWatch);
  if (world.lease === 'dead') step((copy) => void Object.assign(copy, { lease: 'free' }));
  if (world.lossesLeft > 0 && typeof world.lease === 'number') {
    step((copy) => void Object.assign(copy, { lease: 'free', lossesLeft: copy.lossesLeft - 1 }));
  }
  if (world.hiddenPending > 0) {
    step((copy) => void Object.assign(copy, { pending: copy.pending + copy.hiddenPending, hiddenPending: 0 }));
  }
  if (world.hiddenRings > 0) {
    step((copy) => void Object.assign(copy, { rings: copy.rings + copy.hiddenRings, hiddenRings: 0 }));
  }
  return worlds;
}

type Move = WorkerFinding | 'take' | 'settle';

/** What the store would let this worker find at this moment. */
function findings(world: World, { state, taken }: Worker, index: number): Move[] {
  switch (state.does) {
    case 'acquire':
      return [world.lease === 'free' ? 'acquired' : 'held'];
    case 'work':
      if (world.lease !== index) return ['lost'];
      if (taken > 0) return ['settle'];
      return world.pending > 0 ? ['take', 'more'] : ['idle', 'more'];
    case 'release':
      return ['released'];
    case 'look':
      return [world.pending > 0 ? 'workLeft' : 'nothingLeft'];
    case 'end':
      return [];
  }
}

function moveWorker(world: World, index: number, move: Move, machines: Machines): void {
  const worker = world.workers[index];
  if (!worker) throw new Error('no such worker');
  if (move === 'take') {
    world.pending -= 1;
    worker.taken += 1;
    return;
  }
  if (move === 'settle') {
    worker.taken -= 1;
    return;
  }
  if (move === 'acquired') world.lease = index;
  if (move === 'lost') {
    world.hiddenPending += worker.taken; // nobody removes them: they come back by themselves
    worker.taken = 0;
  }
  if (move === 'released' && world.lease === index) world.lease = 'free';
  worker.state = machines.worker(worker.state, move);
  if (worker.state.does === 'end') {
    if (worker.state.ring) world.rings += 1; // by the output binding, before the acknowledgement
    world.workers[index] = undefined;
  }
}

function crash(world: World, index: number): void {
  const worker = world.workers[index];
  world.crashesLeft -= 1;
  world.hiddenRings += 1;
  world.hiddenPending += worker?.taken ?? 0;
  if (world.lease === index) world.lease = 'dead';
  world.workers[index] = undefined;
}

function moveCaller(world: World, index: number, { caller }: Machines): void {
  const state = world.callers[index] ?? { does: 'end' };
  if (state.does === 'store' || state.does === 'storeOnly') {
    world.pending += 1;
    world.callers[index] = caller(state, 'stored');
  } else if (state.does === 'lookAtLease') {
    world.callers[index] = caller(state, world.lease === 'free' ? 'free' : 'held');
  } else {
    world.rings += 1;
    world.callers[index] = caller(state, 'rung');
  }
}

function moveWatch(world: World): void {
  const { watch } = world;
  if (watch?.does === 'lookAtLease') world.watch = watchNext(watch, world.lease === 'free' ? 'free' : 'held');
  else if (watch?.does === 'lookForWork')
    world.watch = watchNext(watch, world.pending > 0 ? 'workLeft' : 'nothingLeft');
  else if (watch?.does === 'ring') {
    world.rings += 1;
    world.watch = watchNext(watch, 'rung');
  }
}

/** Visits every world that can come of `first`; answers how many there are, and those in which nothing moves any more. */
function explore(
  first: World,
  machines: Machines,
  visit: (world: World) => void = () => {},
): { worlds: number; ends: World[] } {
  const seen = new Set([JSON.stringify(first)]);
  const ends: World[] = [];
  for (let open = [first]; open.length > 0; ) {
    const world = open.pop();
    if (!world) break;
    visit(world);
    const next = successors(world, machines);
    if (next.length === 0) ends.push(world);
    for (const successor of next) {
      const key = JSON.stringify(successor);
      if (seen.has(key)) continue;
      seen.add(key);
      open.push(successor);
    }
  }
  return { worlds: seen.size, ends };
}

/** A lost lease lets a second worker in until the first one notices; nothing else does. */
function mostWorkersAtOnce(first: World, machines: Machines): number {
  let most = 0;
  explore(first, machines, ({ workers }) => {
    most = Math.max(most, workers.filter((worker) => worker?.state.does === 'work').length);
  });
  return most;
}

const everyOrder = (changes: Partial<World>, machines = protocol) => explore(start(changes), machines);

describe('the protocol of worker, doors and watch, in every possible order', () => {
  test('loses no wake-up without a crash, and does not need the watch for that', () => {
    for (const rings of [0, 1, 2, 3]) {
      const { worlds, ends } = everyOrder({ rings, callers: [callerStart, callerStart] });
      expect(worlds).toBeGreaterThan(100);
      expect(ends.filter(({ pending, hiddenPending }) => pending + hiddenPending > 0)).toEqual([]);
    }
  });

  test('leaves nothing asleep behind one crash at any step, once the watch has looked', () => {
    const { worlds, ends } = everyOrder({
      rings: 2,
      pending: 1,
      callers: [callerStart],
      watch: watchStart,
      crashesLeft: 1,
    });
    expect(worlds).toBeGreaterThan(1000);
    for (const end of ends) {
      const later = everyOrder({ ...end, watch: watchStart });
      expect(later.ends.filter(({ pending, hiddenPending }) => pending + hiddenPending > 0)).toEqual([]);
    }
  });

  test('leaves nothing asleep when a lease is lost while its worker lives', () => {
    const { ends } = everyOrder({ rings: 2, pending: 1, callers: [callerStart], watch: watchStart, lossesLeft: 1 });
    for (const end of ends) {
      const later = everyOrder({ ...end, watch: watchStart });
      expect(later.ends.filter(({ pending, hiddenPending }) => pending + hiddenPending > 0)).toEqual([]);
    }
  });

  test('never lets two workers at one hub, whoever crashes', () => {
    const first = start({ rings: 3, pending: 1, callers: [callerStart], crashesLeft: 1 });
    expect(mostWorkersAtOnce(first, protocol)).toBe(1);
    const careless: Machines = {
      ...protocol,
      worker: (state, found) => (found === 'held' ? { does: 'work' } : workerNext(state, found)),
    };
    expect(mostWorkersAtOnce(first, careless)).toBe(2);
  });

  test.each<[string, Partial<Machines>]>([
    [
      'a worker did not look again behind its release',
      {
        worker: (state, found) =>
          state.does === 'work' && found === 'idle' ? { does: 'release', after: 'end' } : workerNext(state, found),
      },
    ],
    [
      'a worker looked before its release instead of behind it',
      {
        worker: (state, found) => {
          if (state.does === 'work' && found === 'idle') return { does: 'look' };
          if (state.does === 'look') return { does: 'release', after: found === 'workLeft' ? 'ring' : 'end' };
          return workerNext(state, found);
        },
      },
    ],
    [
      'a caller looked at the lease before it stored its work',
      {
        callerStart: { does: 'lookAtLease' },
        caller: (state, found) => {
          if (state.does === 'lookAtLease') return { does: found === 'held' ? 'storeOnly' : 'store' };
          if (state.does === 'store') return { does: 'ring' };
          return { does: 'end' };
        },
      },
    ],
  ])('is searched so thoroughly that it would be found out if %s', (_fault, fault) => {
    const machines = { ...protocol, ...fault };
    const { ends } = everyOrder({ rings: 1, callers: [machines.callerStart] }, machines);
    expect(ends.some(({ pending }) => pending > 0)).toBe(true);
  });

  test('a state machine is never asked what cannot be', () => {
    expect(() => workerNext({ does: 'acquire' }, 'idle')).toThrow(TypeError);
    expect(() => callerNext({ does: 'end' }, 'rung')).toThrow(TypeError);
    expect(() => watchNext({ does: 'ring' }, 'held')).toThrow(TypeError);
  });
});
