import { expect, test } from '@jest/globals';
import { AppHost } from '../../shared/app.ts';
import { lastOccurrence, nextOccurrence } from '../../shared/run/dueSweep.ts';

/** The host resolves `%SWEEP_SCHEDULE%` for the timer; what the app itself works out times from must be the expression. */
test.each([[undefined], ['0 30 4 * * *'], [' 0 30 4 * * MON-FRI ']])(
  'an app whose SWEEP_SCHEDULE is %j knows when its sweeps are due',
  async (schedule) => {
    const app = await new AppHost({
      AzureWebJobsStorage: 'UseDevelopmentStorage=true',
      IOTHUB_HOSTNAME: 'contoso.azure-devices.net',
      ...(schedule === undefined ? {} : { SWEEP_SCHEDULE: schedule }),
    }).app();
    const [hour, minute] = schedule === undefined ? [2, 0] : [4, 30];
    const thursday = Date.UTC(2026, 10, 26, 12);
    expect(await lastOccurrence(app.schedule, thursday)).toBe(Date.UTC(2026, 10, 26, hour, minute));
    expect(await nextOccurrence(app.schedule, thursday)).toBe(Date.UTC(2026, 10, 27, hour, minute));
  },
);
