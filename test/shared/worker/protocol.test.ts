import { describe, expect, test } from '@jest/globals';
import {
  callerNext,
  callerStart,
  type WorkerState,
  watchNext,
  watchStart,
  workerNext,
} from '../../../shared/worker/protocol.ts';
import { afterWatch, everyOrder, maxConcurrentWorkers } from './protocolModel.ts';
import { type Machines, protocol, start } from './protocolWorld.ts';

describe('the protocol of worker, callers and watch, in every possible order', () => {
  test('loses no wake-up without a crash, even without the watch', () => {
    for (const wakeUps of [0, 1, 2, 3]) {
      const { worlds, ends } = everyOrder({ wakeUps, callers: [callerStart, callerStart] });
      expect(worlds).toBeGreaterThan(100);
      expect(ends.filter(({ pending, hiddenPending }) => pending + hiddenPending > 0)).toEqual([]);
    }
  });

  test('leaves no work without a wake-up after one crash at any step, once the watch has run', () => {
    const { worlds, ends } = everyOrder({
      wakeUps: 2,
      pending: 1,
      callers: [callerStart],
      watch: watchStart,
      crashesLeft: 1,
    });
    expect(worlds).toBeGreaterThan(1000);
    const later = afterWatch(ends);
    expect(later.ends.filter(({ pending, hiddenPending }) => pending + hiddenPending > 0)).toEqual([]);
  });

  test.each<WorkerState['does']>(['acquire', 'work', 'release', 'look', 'unguard'])(
    'leaves no work without a wake-up after a crash at %s, without the watch, since the guard becomes visible',
    (step) => {
      for (const pending of [0, 1]) {
        const crash = { wakeUps: 2, pending, callers: [callerStart], crashesLeft: 1, crashesAt: [step] };
        const { worlds, ends } = everyOrder(crash);
        expect(worlds).toBeGreaterThan(100);
        expect(ends.filter((end) => end.pending > 0)).toEqual([]);
      }
    },
  );

  test('would leave work without a wake-up after a crash if there were no guard', () => {
    const unguarded: Machines = {
      ...protocol,
      worker: (state, found) => (found === 'acquired' ? { does: 'work' } : workerNext(state, found)),
    };
    const { ends } = everyOrder({ wakeUps: 2, pending: 1, crashesLeft: 1, crashesAt: ['work'] }, unguarded);
    expect(ends.some(({ pending }) => pending > 0)).toBe(true);
  });

  test('never lets two workers at one hub if a guard becomes visible too early, and loses no wake-up', () => {
    const early = { wakeUps: 2, pending: 1, callers: [callerStart], earlyGuardsLeft: 2 };
    expect(maxConcurrentWorkers(start(early), protocol)).toBe(1);
    expect(everyOrder(early).ends.filter(({ pending }) => pending > 0)).toEqual([]);
  });

  test('leaves no work without a wake-up when a lease is lost, or seems to be, while its worker runs', () => {
    const { ends } = everyOrder({ wakeUps: 2, pending: 1, callers: [callerStart], watch: watchStart, lossesLeft: 1 });
    const later = afterWatch(ends);
    expect(later.ends.filter(({ pending, hiddenPending }) => pending + hiddenPending > 0)).toEqual([]);
  });

  test('never lets two workers work on one hub, whichever crashes', () => {
    const first = start({ wakeUps: 3, pending: 1, callers: [callerStart], crashesLeft: 1 });
    expect(maxConcurrentWorkers(first, protocol)).toBe(1);
    const careless: Machines = {
      ...protocol,
      worker: (state, found) => (found === 'held' ? { does: 'work' } : workerNext(state, found)),
    };
    expect(maxConcurrentWorkers(first, careless)).toBe(2);
  });

  test.each<[string, Partial<Machines>]>([
    [
      'a worker does not look for work after its release',
      {
        worker: (state, found) =>
          state.does === 'work' && found === 'idle' ? { does: 'release', after: 'end' } : workerNext(state, found),
      },
    ],
    [
      'a worker looks for work before its release instead of after it',
      {
        worker: (state, found) => {
          if (state.does === 'work' && found === 'idle') return { does: 'look' };
          if (state.does === 'look') return { does: 'release', after: found === 'workLeft' ? 'wake' : 'end' };
          return workerNext(state, found);
        },
      },
    ],
    [
      'a caller checks the lease before it stores its work',
      {
        callerStart: { does: 'lookAtLease' },
        caller: (state, found) => {
          if (state.does === 'lookAtLease') return { does: found === 'held' ? 'storeOnly' : 'store' };
          if (state.does === 'store') return { does: 'wake' };
          return { does: 'end' };
        },
      },
    ],
  ])('is searched so completely that this fault is found: %s', (_fault, fault) => {
    const machines = { ...protocol, ...fault };
    const { ends } = everyOrder({ wakeUps: 1, callers: [machines.callerStart] }, machines);
    expect(ends.some(({ pending }) => pending > 0)).toBe(true);
  });

  test('throws TypeError for a finding that is impossible in a state', () => {
    expect(() => workerNext({ does: 'acquire' }, 'idle')).toThrow(TypeError);
    expect(() => callerNext({ does: 'end' }, 'woken')).toThrow(TypeError);
    expect(() => watchNext({ does: 'wake' }, 'held')).toThrow(TypeError);
  });
});
