import { app } from '@azure/functions';
import type { StartedRuns } from '../shared/api/runSchemas.ts';
import { sweepBody } from '../shared/api/sweepBody.ts';
import { appHost } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';
import { chosenHubs } from '../shared/http/chosenHubs.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { addressOf, bodyOf } from '../shared/http/requestParts.ts';
import { startRuns } from '../shared/http/startRuns.ts';

/**
 * Starts a run on each hub that the body names, or on every hub that is not paused if it names none. Responds with the URLs of
 * the runs, and with the hubs whose run could not be started.
 */
export const startSweep = httpHandler(
  async (request, log) => {
    const services = await appHost().app();
    const { hubs: names, dryRun = false } = await bodyOf(request, sweepBody);
    const chosen = chosenHubs(services, names).map(({ hub }) => hub.name);
    const { runs, notStarted } = await startRuns({ ...services, log }, chosen, { dryRun, startedBy: 'http' });
    const addressed = runs.map(({ hub, runId, alreadyRunning }) => {
      return { hub, runId, url: `${addressOf(request)}/${hub}/${runId}`, alreadyRunning };
    });
    const [only, ...others] = addressed;
    return answer<StartedRuns>(
      { runs: addressed, ...(notStarted.length > 0 ? { notStarted } : {}) },
      { status: 202, headers: only && others.length === 0 ? { location: only.url } : {} },
    );
  },
  { body: true },
);

app.http('startSweep', { methods: ['POST'], route: 'sweeps', authLevel: 'function', handler: startSweep });
