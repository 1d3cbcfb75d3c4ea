import { concurrently } from '../concurrently.ts';
import { isHubError } from '../hub/hubError.ts';
import type { ModuleName, Registry } from '../hub/registry.ts';
import { pairKey } from '../reconcile/moduleChange.ts';
import { verdictOf } from '../reconcile/outcome.ts';

/**
 * Each run reads by id one in this many of the modules that the index shows: less than 1 % of the pairs of a page. A read costs one
 * or two messages, and the twin read budget allows 100 a second on the smallest hub. The number is a prime, so that a weekly,
 * ten-day or monthly schedule reaches every sample too; a nightly one does in 101 nights.
 */
export const foundSamplePeriod = 101;

const dayMs = 24 * 3600 * 1000;

/** The sample of a run that was requested at this time (ISO 8601): another one each day. */
export function sampleOfDay(requestedAt: string): number {
  const day = Math.floor(Date.parse(requestedAt) / dayMs);
  return Number.isNaN(day) ? 0 : day % foundSamplePeriod;
}

/**
 * The index may show a module that was deleted, and Microsoft does not say for how long. Reads by id those of `names` that
 * are in `found` and in the sample `sample.of`; returns `found` without those that the hub does not have. A module whose read fails
 * because of its own device remains. Throws `HubError` for a refusal of the app, and as the registry.
 */
export async function believeFound<Found>(
  registry: Registry,
  names: readonly ModuleName[],
  found: ReadonlyMap<string, Found>,
  sample: { of: number; concurrency: number },
): Promise<ReadonlyMap<string, Found>> {
  const sampled = names.filter((name) => found.has(pairKey(name)) && hash(pairKey(name)) === sample.of);
  if (sampled.length === 0) return found;
  const believed = new Map(found);
  await concurrently(sampled, sample.concurrency, async (name) => {
    if (!(await isThere(registry, name))) believed.delete(pairKey(name));
  });
  return believed;
}

async function isThere(registry: Registry, name: ModuleName): Promise<boolean> {
  try {
    return await registry.hasModule(name);
  } catch (error) {
    if (!isHubError(error)) throw error;
    if (error.kind === 'unavailable' || verdictOf(error.kind, error.code) !== undefined) return true;
    throw error;
  }
}

/** FNV-1a, reduced to the number of samples. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return (value >>> 0) % foundSamplePeriod;
}
