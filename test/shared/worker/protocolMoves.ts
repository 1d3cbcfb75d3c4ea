import { type WorkerFinding, watchNext, workerStart } from '../../../shared/worker/protocol.ts';
import type { Machines, Worker, World } from './protocolWorld.ts';

/** Every world that one step of an actor, a crash, a lost lease or a timeout can make from this one. */
export function successors(world: World, machines: Machines): World[] {
  const worlds: World[] = [];
  const step = (change: (copy: World) => void) => {
    const copy = copyOf(world);
    change(copy);
    worlds.push(copy);
  };
  world.workers.forEach((worker, index) => {
    if (!worker) {
      if (world.wakeUps > 0) {
        step((copy) => {
          copy.wakeUps -= 1; // in flight now: acknowledged at the end, or visible again after a crash
          copy.workers[index] = { state: workerStart, taken: 0, guarded: false };
        });
      }
      return;
    }
    for (const finding of findings(world, worker, index)) step((copy) => moveWorker(copy, index, finding, machines));
    const canCrash = !world.crashesAt || (world.crashesAt.includes(worker.state.does) && worker.taken === 0);
    if (world.crashesLeft > 0 && canCrash) step((copy) => crash(copy, index));
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
  if (world.guards > 0 && world.lease !== 'dead') {
    step((copy) => void Object.assign(copy, { wakeUps: copy.wakeUps + copy.guards, guards: 0 }));
  }
  world.workers.forEach((worker, index) => {
    if (!worker?.guarded || world.earlyGuardsLeft === 0) return;
    step((copy) => {
      const early = copy.workers[index];
      if (early) early.guarded = false;
      copy.earlyGuardsLeft -= 1;
      copy.wakeUps += 1;
    });
  });
  if (world.hiddenWakeUps > 0) {
    step((copy) => void Object.assign(copy, { wakeUps: copy.wakeUps + copy.hiddenWakeUps, hiddenWakeUps: 0 }));
  }
  return worlds;
}

/** Copies all that a step changes in place; states are replaced, not changed. */
function copyOf(world: World): World {
  return { ...world, workers: world.workers.map((worker) => worker && { ...worker }), callers: [...world.callers] };
}

type Move = WorkerFinding | 'take' | 'settle';

/** The findings that are possible for this worker now. */
function findings(world: World, { state, taken }: Worker, index: number): Move[] {
  switch (state.does) {
    case 'acquire':
      return [world.lease === 'free' ? 'acquired' : 'held'];
    case 'guard':
      return ['guarded'];
    case 'unguard':
      return ['unguarded'];
    case 'work':
      if (world.lease !== index) return ['lost'];
      return [
        // The lease may only seem lost, or the slice could not save its checkpoint.
        ...(world.lossesLeft > 0 ? (['lost'] as const) : []),
        ...(taken > 0
          ? (['settle'] as const)
          : world.pending > 0
            ? (['take', 'more'] as const)
            : (['idle', 'more'] as const)),
      ];
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
  if (move === 'guarded') worker.guarded = true;
  if (move === 'unguarded') worker.guarded = false;
  if (move === 'lost') {
    if (world.lease === index) world.lossesLeft -= 1;
    world.hiddenPending += worker.taken; // not removed, so they become visible again
    worker.taken = 0;
  }
  if (move === 'released' && world.lease === index) world.lease = 'free';
  worker.state = machines.worker(worker.state, move);
  if (worker.state.does === 'end') {
    if (worker.state.wake) world.wakeUps += 1; // by the output binding, before the acknowledgement
    world.workers[index] = undefined;
  }
}

function crash(world: World, index: number): void {
  const worker = world.workers[index];
  world.crashesLeft -= 1;
  world.hiddenWakeUps += 1;
  world.hiddenPending += worker?.taken ?? 0;
  if (worker?.guarded) world.guards += 1;
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
    world.wakeUps += 1;
    world.callers[index] = caller(state, 'woken');
  }
}

function moveWatch(world: World): void {
  const { watch } = world;
  if (watch?.does === 'lookAtLease') world.watch = watchNext(watch, world.lease === 'free' ? 'free' : 'held');
  else if (watch?.does === 'lookForWork')
    world.watch = watchNext(watch, world.pending > 0 ? 'workLeft' : 'nothingLeft');
  else if (watch?.does === 'lookForWakeUp')
    world.watch = watchNext(watch, world.wakeUps > 0 ? 'underWay' : 'noneUnderWay');
  else if (watch?.does === 'wake') {
    world.wakeUps += 1;
    world.watch = watchNext(watch, 'woken');
  }
}
