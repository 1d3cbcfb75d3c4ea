import { app } from '@azure/functions';
import type { StartedRuns } from '../shared/api/runSchemas.ts';
import { sweepBody } from '../shared/api/sweepBody.ts';
import { type App, appHost, type HubServices } from '../shared/app.ts';
import { answer } from '../shared/http/answer.ts';
import { httpHandler } from '../shared/http/httpHandler.ts';
import { Problem } from '../shared/http/problem.ts';
import { addressOf, bodyOf, hubOutOfService } from '../shared/http/requestParts.ts';
import { startRuns } from '../shared/http/startRuns.ts';

/**
 * Starts a run on each hub in the body, or on every hub that is not paused, and responds with the URLs of the runs, and with the
 * hubs whose run could not be started.
 */
export const startSweep = httpHandler(
  async (request, log) => {
    const services = await appHost().app();
    const { hubs: names, dryRun = false } = await bodyOf(request, sweepBody);
    const chosen = chosenHubs(services, names).map(({ hub }) => hub.name);
    const { runs, notStarted } = await startRuns({ ...services, log }, chosen, dryRun);
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

/** Returns the hubs to sweep. Throws `Problem` if one of them is unknown, out of service or paused, so that no run is started at all. */
function chosenHubs({ hubs, outOfService }: App, names: string[] | undefined): HubServices[] {
  const wanted = [...new Set((names ?? [...hubs.keys()]).map((name) => name.toLowerCase()))];
  const out = wanted
    .map((name) => outOfService.get(name))
    .find((hub) => hub !== undefined && !hubs.has(hub.name ?? ''));
  if (out) throw hubOutOfService(out);
  const unknown = wanted.filter((name) => !hubs.has(name));
  if (unknown.length > 0) {
    const errors = unknown.map((name) => ({
      field: 'hubs',
      message: `The settings have no hub ${JSON.stringify(name)}.`,
    }));
    throw new Problem(404, 'unknown-hub', 'There is no such hub', 'See errors.', { errors });
  }
  const found = wanted.map((name) => hubs.get(name)).filter((services) => services !== undefined);
  const paused = found.filter(({ hub }) => hub.paused);
  if (names === undefined && paused.length < found.length) return found.filter(({ hub }) => !hub.paused);
  if (paused.length === 0) return found;
  const errors = paused.map(({ hub }) => ({ field: 'hubs', message: `Hub ${hub.name} is paused in the settings.` }));
  throw new Problem(409, 'paused', 'The hub is paused', 'Remove `paused` from its settings to sweep it.', { errors });
}

app.http('startSweep', { methods: ['POST'], route: 'sweeps', authLevel: 'function', handler: startSweep });
