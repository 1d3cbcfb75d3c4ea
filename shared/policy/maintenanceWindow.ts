/** Days of the week in the order of `Date.getUTCDay`. */
export const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
type Weekday = (typeof weekdays)[number];

/** When runs may change a module; all in UTC. */
export interface MaintenanceWindow {
  /** The days on which the window opens. */
  days: readonly Weekday[];
  /** `hh:mm`: it opens at this time. */
  from: string;
  /** `hh:mm`, at most `24:00`: it closes at this time; on the next day if that is not after `from`. */
  to: string;
}

const minuteMs = 60_000;
const dayMs = 24 * 3600 * 1000;
/** In a week each window opens again. */
const daysAhead = 7;

/**
 * From when on runs may change a module with these windows: `nowMs` (milliseconds since 1970) if they may now, else the next
 * opening, which is less than eight days ahead. A module without windows may always be changed.
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

/** From and until when the window is open that opens on a day (days since 1970); undefined if it does not. */
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
