/** Days of the week in the order of `Date.getUTCDay`. */
export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
type Weekday = (typeof weekdays)[number];

/** A time of the day in which runs may change a module. All times are UTC. */
export interface MaintenanceWindow {
  /** The days on which the window opens. */
  days: readonly Weekday[];
  /** When the window opens, as `hh:mm`. */
  from: string;
  /** When the window closes, as `hh:mm`, at most `24:00`. On the next day if this time is not after `from`. */
  to: string;
}

const minuteMs = 60_000;
const dayMs = 24 * 3600 * 1000;
/** Every window opens at least once a week. */
const daysAhead = 7;

/**
 * Returns the first time from which runs may change a module with these windows, in milliseconds since 1970: `nowMs` if a
 * window is open or there are no windows, otherwise the next opening, which is less than eight days ahead.
 */
export function opensAtMs(windows: readonly MaintenanceWindow[] | undefined, nowMs: number): number {
  if (windows === undefined) return nowMs;
  const today = Math.floor(nowMs / dayMs);
  const openings: number[] = [];
  for (const window of windows) {
    // A window that opened yesterday may still be open.
    for (let day = today - 1; day <= today + daysAhead; day++) {
      const { fromMs, toMs } = opening(window, day) ?? { fromMs: 0, toMs: 0 };
      if (nowMs < toMs) openings.push(Math.max(fromMs, nowMs));
    }
  }
  return Math.min(...openings);
}

/** Returns when a window opens on a day (days since 1970) and closes, in milliseconds; undefined if it does not open then. */
function opening({ days, from, to }: MaintenanceWindow, day: number): { fromMs: number; toMs: number } | undefined {
  const weekday = weekdays[new Date(day * dayMs).getUTCDay()];
  if (weekday === undefined || !days.includes(weekday)) return undefined;
  const fromMs = day * dayMs + timeMs(from);
  const toMs = day * dayMs + timeMs(to);
  return { fromMs, toMs: toMs > fromMs ? toMs : toMs + dayMs };
}

function timeMs(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return (hours * 60 + minutes) * minuteMs;
}
