import { afterEach, describe, expect, test } from '@jest/globals';
import type { RetryContext } from '../../../local/host/coreTypes.ts';
import { HostConfigurationError } from '../../../local/host/hostError.ts';
import type { Invoke } from '../../../local/host/invoker.ts';
import type { ScheduleStatus, ScheduleStatusStore } from '../../../local/host/scheduleStatus.ts';
import { noTimerLock, type TimerLock } from '../../../local/host/timerLock.ts';
import { startTimer, type Timer, toTimerFunction } from '../../../local/host/timerTrigger.ts';
import { FakeClock } from '../../support/fakeClock.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

let timer: Timer | undefined;
afterEach(async () => {
  await timer?.stop();
});

interface Run {
  at: string;
  retry: RetryContext | undefined;
  info: { ScheduleStatus: { Last: string; Next: string } | null; IsPastDue: boolean };
}

function start(
  clock: FakeClock,
  binding: Record<string, unknown>,
  {
    stored,
    work = async () => undefined,
    retryOptions,
    lock = noTimerLock,
  }: { stored?: ScheduleStatus; work?: () => Promise<unknown>; retryOptions?: unknown; lock?: TimerLock } = {},
) {
  const runs: Run[] = [];
  const saved: ScheduleStatus[] = [];
  const registered = {
    metadata: {
      name: 'tick',
      functionId: 'tick',
      retryOptions,
      bindings: { t: { type: 'timerTrigger', direction: 'in' as const, ...binding } },
    },
    callback: () => undefined,
  };
  const invoke: Invoke = async (_registered, input) => {
    const retry = input.retryContext;
    runs.push({ at: new Date(clock.now()).toISOString(), retry, info: JSON.parse(input.data.json ?? '') });
    await work();
    return { invocationId: '1', durationMs: 0 };
  };
  const store: ScheduleStatusStore = {
    load: async () => stored,
    save: async (_name, status) => {
      saved.push(status);
    },
  };
  const timerFunction = toTimerFunction(registered, { NIGHT: '0 0 2 * * *' });
  timer = startTimer(timerFunction, { clock, invoke, store, lock, writeLog: () => undefined });
  return { runs, saved, timer };
}

/** What `@azure/functions` makes of `retry: { strategy: 'fixedDelay', maxRetryCount, delayInterval: { minutes: 1 } }`. */
const everyMinute = (maxRetryCount: number) => ({
  ...{ strategy: 'fixedDelay', retryStrategy: 'fixedDelay' },
  ...{ maxRetryCount, delayInterval: { seconds: 60 } },
});

describe('a timer', () => {
  test('a timer does not run at start, then at each time of its schedule', async () => {
    const clock = new FakeClock();
    const { runs } = start(clock, { schedule: '0 */5 * * * *' });
    await clock.advance(4 * minuteMs);
    expect(runs).toEqual([]);
    await clock.advance(11 * minuteMs);
    expect(runs.map(({ at }) => at.slice(11, 16))).toEqual(['02:05', '02:10', '02:15']);
  });

  test('a timer reads its schedule from a setting and passes the last and the next time to the function', async () => {
    const clock = new FakeClock();
    const { runs } = start(clock, { schedule: '%NIGHT%' });
    await clock.advance(48 * hourMs);
    expect(runs.map(({ info }) => info)).toMatchObject([
      { ScheduleStatus: { Last: '0001-01-01T00:00:00', Next: '2026-11-24T02:00:00.000Z' }, IsPastDue: false },
      { ScheduleStatus: { Last: '2026-11-24T02:00:00.000Z', Next: '2026-11-25T02:00:00.000Z' }, IsPastDue: false },
    ]);
  });

  test('a timer never runs twice concurrently; after a long run the next one follows once', async () => {
    const clock = new FakeClock();
    let atOnce = 0;
    let mostAtOnce = 0;
    const { runs } = start(
      clock,
      { schedule: '0 */5 * * * *' },
      {
        work: async () => {
          mostAtOnce = Math.max(mostAtOnce, ++atOnce);
          await clock.sleep(runs.length === 1 ? 12 * minuteMs : 0);
          atOnce -= 1;
        },
      },
    );
    await clock.advance(28 * minuteMs);
    expect(mostAtOnce).toBe(1);
    expect(runs.map(({ at }) => at.slice(11, 16))).toEqual(['02:05', '02:17', '02:20', '02:25']);
  });

  test('a timer keeps its schedule after a failed run', async () => {
    const clock = new FakeClock();
    const { runs } = start(clock, { schedule: '0 0 * * * *' }, { work: () => Promise.reject(new Error('no')) });
    await clock.advance(3 * hourMs);
    expect(runs).toHaveLength(3);
  });

  test('a timer with a retry policy tries a failed run again, and keeps its schedule', async () => {
    const clock = new FakeClock();
    const { runs } = start(
      clock,
      { schedule: '0 0 * * * *' },
      { retryOptions: everyMinute(4), work: () => Promise.reject(new Error('no')) },
    );
    await clock.advance(2 * hourMs);
    const times = ['03:00', '03:01', '03:02', '03:03', '03:04', '04:00'];
    expect(runs.map(({ at }) => at.slice(11, 16))).toEqual(times);
    expect(runs.map(({ retry }) => retry?.retryCount)).toEqual([undefined, 1, 2, 3, 4, undefined]);
    expect(runs[1]?.retry).toMatchObject({ maxRetryCount: 4, exception: { message: 'no' } });
  });

  test('a timer with a retry policy is not tried again after a success', async () => {
    const clock = new FakeClock();
    let failures = 2;
    const work = async () => {
      if (failures-- > 0) throw new Error('no');
    };
    const { runs, saved } = start(clock, { schedule: '0 0 * * * *' }, { retryOptions: everyMinute(-1), work });
    await clock.advance(1.5 * hourMs);
    expect(runs.map(({ at }) => at.slice(11, 16))).toEqual(['03:00', '03:01', '03:02']);
    expect(saved.at(-1)).toMatchObject({ lastMs: Date.parse('2026-11-23T03:00:00Z') });
  });

  test('a timer that is stopped between two tries tries no more, and stores no status of that run', async () => {
    const clock = new FakeClock();
    const work = () => Promise.reject(new Error('no'));
    const {
      runs,
      saved,
      timer: running,
    } = start(clock, { schedule: '0 0 * * * *' }, { retryOptions: everyMinute(4), work });
    await clock.advance(hourMs);
    const before = saved.length;
    await running.stop();
    await clock.advance(hourMs);
    expect(runs).toHaveLength(1);
    expect(saved).toHaveLength(before);
  });

  test('a timer with another retry policy is refused', () => {
    const retryOptions = { strategy: 'exponentialBackoff', maxRetryCount: 4 };
    expect(() => start(new FakeClock(), { schedule: '0 0 * * * *' }, { retryOptions })).toThrow(HostConfigurationError);
  });

  test('a timer catches up on any number of missed times with one run that is past due', async () => {
    const clock = new FakeClock();
    const dayMs = 24 * hourMs;
    const stored = {
      lastMs: clock.now() - 4 * dayMs,
      nextMs: clock.now() - 3 * dayMs,
      lastUpdatedMs: clock.now() - 4 * dayMs,
    };
    const { runs } = start(clock, { schedule: '0 0 2 * * *' }, { stored });
    await clock.advance(25 * hourMs);
    expect(runs.map(({ info }) => info.IsPastDue)).toEqual([true, false]);
    expect(runs[0]?.at).toBe('2026-11-23T02:00:00.000Z');
  });

  test('a timer discards the stored status if its schedule has changed', async () => {
    const clock = new FakeClock();
    const stored = { lastMs: clock.now() - hourMs, nextMs: clock.now() - 1, lastUpdatedMs: clock.now() - hourMs };
    const { runs, saved } = start(clock, { schedule: '0 0 3 * * *' }, { stored });
    await clock.advance(minuteMs);
    expect(runs).toEqual([]);
    expect(saved).toMatchObject([{ lastMs: undefined, nextMs: Date.parse('2026-11-23T03:00:00Z') }]);
  });

  test('a timer with runOnStartup runs at start', async () => {
    const clock = new FakeClock();
    const { runs } = start(clock, { schedule: '0 0 3 * * *', runOnStartup: true });
    await clock.advance(2 * hourMs);
    expect(runs.map(({ at }) => at.slice(11, 16))).toEqual(['02:00', '03:00']);
  });

  test('a timer with an interval below a minute stores no status', async () => {
    const clock = new FakeClock();
    const { runs, saved } = start(clock, { schedule: '*/10 * * * * *' });
    await clock.advance(minuteMs);
    expect(runs).toHaveLength(6);
    expect(runs[0]?.info.ScheduleStatus).toBeNull();
    expect(saved).toEqual([]);
  });

  test("a timer can wait longer than Node's timers", async () => {
    const clock = new FakeClock();
    const { runs } = start(clock, { schedule: '0 0 0 1 1 *' });
    await clock.advance(60 * 24 * hourMs);
    expect(runs.map(({ at }) => at)).toEqual(['2027-01-01T00:00:00.000Z']);
  });

  test('a stopped timer starts no run, and stop waits for the current one', async () => {
    const clock = new FakeClock();
    let ended = false;
    const { runs, timer: running } = start(
      clock,
      { schedule: '0 0 * * * *' },
      {
        work: async () => {
          await clock.sleep(minuteMs);
          ended = true;
        },
      },
    );
    await clock.advance(hourMs);
    const stopped = running.stop();
    expect(ended).toBe(false);
    await clock.advance(minuteMs);
    await stopped;
    expect(ended).toBe(true);
    await clock.advance(3 * hourMs);
    expect(runs).toHaveLength(1);
  });
});
