import { describe, expect, test } from '@jest/globals';
import type { Invoke } from '../../../local/host/invoker.ts';
import type { ScheduleStatus } from '../../../local/host/scheduleStatus.ts';
import type { TimerLock } from '../../../local/host/timerLock.ts';
import { startTimer, toTimerFunction } from '../../../local/host/timerTrigger.ts';
import { FakeClock } from '../../support/fakeClock.ts';

const minuteMs = 60_000;

/** A lock that is free from `freeAtMs` on. */
function fakeLock(clock: FakeClock) {
  const state = { freeAtMs: 0, isHeld: false, released: 0 };
  const lock: TimerLock = {
    isHeld: () => state.isHeld,
    acquire: async (signal) => {
      await clock.sleep(state.freeAtMs - clock.now(), signal);
      state.isHeld = true;
    },
    release: async () => {
      state.isHeld = false;
      state.released += 1;
    },
  };
  return { lock, state };
}

/** A timer of every five minutes, from 02:00:00 on. */
function start(clock: FakeClock, lock: TimerLock, stored?: ScheduleStatus) {
  const runs: string[] = [];
  const trigger = { type: 'timerTrigger', direction: 'in' as const, schedule: '0 */5 * * * *' };
  const metadata = { name: 'tick', functionId: 'tick', bindings: { trigger } };
  const invoke: Invoke = async (_registered, { data }) => {
    const isPastDue = JSON.parse(data.json ?? '').IsPastDue as boolean;
    runs.push(`${new Date(clock.now()).toISOString().slice(11, 19)}${isPastDue ? ' past due' : ''}`);
    return { invocationId: '1', durationMs: 0 };
  };
  const store = { load: async () => stored, save: async () => undefined };
  const timer = startTimer(toTimerFunction({ metadata, callback: () => undefined }, {}), {
    ...{ clock, invoke, store, lock, writeLog: () => undefined },
  });
  return { timer, runs };
}

describe('a timer under a lock', () => {
  test('after a kill it starts when the lock is free, and runs once at once for a missed time', async () => {
    const clock = new FakeClock(Date.parse('2026-11-23T02:04:30Z'));
    const { lock, state } = fakeLock(clock);
    state.freeAtMs = clock.now() + minuteMs; // the lease of the killed host
    const lastMs = Date.parse('2026-11-23T02:00:00Z');
    const { timer, runs } = start(clock, lock, { lastMs, nextMs: lastMs + 5 * minuteMs, lastUpdatedMs: lastMs });
    await clock.advance(minuteMs - 1);
    expect(runs).toEqual([]);
    await clock.advance(1);
    expect(runs).toEqual(['02:05:30 past due']);
    await clock.advance(5 * minuteMs);
    expect(runs).toEqual(['02:05:30 past due', '02:10:00']);
    await timer.stop();
    expect(state).toMatchObject({ isHeld: false, released: 1 });
  });

  test('a host that has lost the lock does not run the timer until it has it again', async () => {
    const clock = new FakeClock();
    const { lock, state } = fakeLock(clock);
    const { timer, runs } = start(clock, lock);
    await clock.advance(5 * minuteMs);
    expect(runs).toEqual(['02:05:00']);
    state.isHeld = false;
    state.freeAtMs = clock.now() + 12 * minuteMs;
    await clock.advance(11 * minuteMs);
    expect(runs).toEqual(['02:05:00']);
    await clock.advance(4 * minuteMs);
    expect(runs.slice(1)).toEqual(['02:17:00 past due', '02:20:00']);
    await timer.stop();
  });
});
