/** What the host stores about a timer; times in milliseconds since 1970. */
export interface ScheduleStatus {
  /** Start of the last run; `undefined` before the first. */
  lastMs: number | undefined;
  nextMs: number;
  lastUpdatedMs: number | undefined;
}

/** Storage for schedule statuses. Methods do not reject: the store logs failures, and the timer continues without. */
export interface ScheduleStatusStore {
  load(functionName: string): Promise<ScheduleStatus | undefined>;
  save(functionName: string, status: ScheduleStatus): Promise<void>;
}

/** .NET's default date; the host writes it for "never". */
const neverText = '0001-01-01T00:00:00';

/** The JSON that the host stores and passes to functions (Azure/azure-webjobs-sdk-extensions, ScheduleStatus). */
export function toScheduleStatusJson(status: ScheduleStatus): { Last: string; Next: string; LastUpdated: string } {
  return {
    Last: toIso(status.lastMs),
    Next: toIso(status.nextMs),
    LastUpdated: toIso(status.lastUpdatedMs),
  };
}

/** Reads that JSON; `undefined` if it has no next time. */
export function fromScheduleStatusJson(value: unknown): ScheduleStatus | undefined {
  const stored = value as Partial<ReturnType<typeof toScheduleStatusJson>> | null;
  const nextMs = fromIso(stored?.Next);
  return nextMs === undefined
    ? undefined
    : { lastMs: fromIso(stored?.Last), nextMs, lastUpdatedMs: fromIso(stored?.LastUpdated) };
}

/** The input of a timer function (`Timer` of @azure/functions, which converts the names to camelCase). */
export function timerInfoJson(status: ScheduleStatus | undefined, isPastDue: boolean): string {
  return JSON.stringify({
    Schedule: { AdjustForDST: true },
    ScheduleStatus: status ? toScheduleStatusJson(status) : null,
    IsPastDue: isPastDue,
  });
}

function toIso(ms: number | undefined): string {
  return ms === undefined ? neverText : new Date(ms).toISOString();
}

function fromIso(text: string | undefined): number | undefined {
  const ms = text === undefined || text === neverText ? Number.NaN : Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}
