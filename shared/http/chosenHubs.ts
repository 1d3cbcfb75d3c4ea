import type { App, HubServices } from '../app.ts';
import { Problem } from './problem.ts';
import { hubOutOfService } from './requestParts.ts';

/**
 * Returns the hubs to sweep: those with these names, in any case, or without names all hubs that are not paused. Throws
 * `Problem` if a named hub is unknown, out of service or paused, or if all hubs are paused: no run is then started.
 */
export function chosenHubs({ hubs, outOfService }: App, names: string[] | undefined): HubServices[] {
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
