import { createHash } from 'node:crypto';
import type { ModuleName } from '../hub/registry.ts';
import { pairKey } from '../reconcile/moduleChange.ts';
import { unlessDamaged } from '../storage/damagedDocument.ts';
import { type Documents, StaleDocumentError, type StoredDocument } from '../storage/documents.ts';
import { membersOf, timeOr } from '../storage/readMembers.ts';

// The modules of a hub that were repaired because of an event, and when. The list is a document of its own, since the hub
// document is read and written with each claim.

/** A module that the app repaired lately because of an event. */
export interface RepairedModule extends ModuleName {
  /** The times of its last repairs, at most five, the oldest first; ISO 8601, UTC. */
  repairedAt: string[];
}

/** A module that was repaired so often that events no longer repair it. */
export interface FlappingModule extends ModuleName {
  /** When it was repaired last, and until when events do not repair it; ISO 8601, UTC. */
  lastRepairAt: string;
  until: string;
}

/** A module flaps after this number of repairs within `repairWindowMs`, until `repairWindowMs` after its last repair. */
export const flappingRepairs = 5;
export const repairWindowMs = 24 * 3600 * 1000;
/** The largest number of modules in the list (`bounded`), which is then about 100 KB. */
export const maxRepaired = 500;
/** If this number of modules with one id flap, another program works against the policy: events repair none of that id then. */
export const widelyFlappingFrom = 100;
const repairsVersion = 1;
const maxTries = 10;

/** The modules of the hub that flap at `nowMs`, the one that was repaired last first. Throws what storage throws. */
export async function readFlappingModules(documents: Documents, hub: string, nowMs: number): Promise<FlappingModule[]> {
  return flappingModules((await readRepairs(documents, hub))?.value ?? [], nowMs);
}

/** Which of the modules flap at `nowMs`. A repair ahead of `nowMs`, noted by an instance with another clock, counts as one now. */
export function flappingModules(repaired: readonly RepairedModule[], nowMs: number): FlappingModule[] {
  return repaired.flatMap(({ deviceId, moduleId, repairedAt }) => {
    const first = repairedAt.at(-flappingRepairs);
    const lastRepairAt = repairedAt.at(-1);
    if (first === undefined || lastRepairAt === undefined) return [];
    const lastMs = Date.parse(lastRepairAt);
    if (lastMs - Date.parse(first) > repairWindowMs || nowMs - lastMs >= repairWindowMs) return [];
    return [{ deviceId, moduleId, lastRepairAt, until: new Date(lastMs + repairWindowMs).toISOString() }];
  });
}

/** The module ids of which so many modules flap that events repair none of them. */
export function widelyFlapping(flapping: readonly ModuleName[]): Set<string> {
  const byId = Map.groupBy(flapping, ({ moduleId }) => moduleId);
  return new Set([...byId].filter(([, modules]) => modules.length >= widelyFlappingFrom).map(([moduleId]) => moduleId));
}

/**
 * Notes one repair at `nowMs` for each of these modules, in one write. Returns all modules that flap now (`flapping`), and those
 * of them that did not flap before (`added`). Throws what storage throws, and `StaleDocumentError` after ten conflicts.
 */
export async function noteRepairs(
  documents: Documents,
  hub: string,
  modules: readonly ModuleName[],
  nowMs: number,
): Promise<{ flapping: FlappingModule[]; added: FlappingModule[] }> {
  let known: ReadonlySet<string> | undefined;
  let tried: readonly RepairedModule[] = [];
  for (let attempt = 1; ; attempt++) {
    const stored = await readRepairs(documents, hub);
    const before = stored?.value ?? [];
    known ??= new Set(flappingModules(before, nowMs).map(pairKey));
    // A write whose response was lost conflicts with itself: what it noted is not noted again.
    const after = withRepairs(before, without(modules, inBoth(before, tried)), nowMs);
    tried = after;
    try {
      await documents.write(repairsPath(hub), { version: repairsVersion, modules: after }, stored?.etag);
    } catch (error) {
      if (!(error instanceof StaleDocumentError) || attempt >= maxTries) throw error;
      // The list is not JSON, so its etag is unknown: remove it, and write a new one at the next attempt.
      if (!stored && !(await readRepairs(documents, hub))) await documents.remove(repairsPath(hub));
      continue;
    }
    const flapping = flappingModules(after, nowMs);
    const flappedBefore = known;
    return { flapping, added: flapping.filter((module) => !flappedBefore.has(pairKey(module))) };
  }
}

function inBoth(one: readonly RepairedModule[], other: readonly RepairedModule[]): RepairedModule[] {
  const times = new Map(other.map((module) => [pairKey(module), module.repairedAt.join()]));
  return one.filter((module) => times.get(pairKey(module)) === module.repairedAt.join());
}

function without(modules: readonly ModuleName[], others: readonly ModuleName[]): readonly ModuleName[] {
  const keys = new Set(others.map(pairKey));
  return modules.filter((module) => !keys.has(pairKey(module)));
}

/** The list with one more repair of each module: bounded, sorted by the latest repair, without repairs older than a day. */
export function withRepairs(
  before: readonly RepairedModule[],
  modules: readonly ModuleName[],
  nowMs: number,
): RepairedModule[] {
  const known = new Map(before.map((one) => [pairKey(one), one.repairedAt]));
  const now = new Date(nowMs).toISOString();
  const added = new Map(
    modules.map(({ deviceId, moduleId }) => [pairKey({ deviceId, moduleId }), { deviceId, moduleId }]),
  );
  const repaired = [...added].map(([key, module]) => ({
    ...module,
    repairedAt: [...(known.get(key) ?? []), now].slice(-flappingRepairs),
  }));
  const others = before.filter(
    (one) => !added.has(pairKey(one)) && nowMs - Date.parse(one.repairedAt.at(-1) ?? '') < repairWindowMs,
  );
  return bounded([...repaired, ...others]);
}

/**
 * At most `maxRepaired` entries. One half: the modules that were repaired last. The other half: those with the most repairs; among equals a
 * hash decides, so that the same modules stay in the list. Both halves together find flapping modules, whether few or very many flap.
 */
function bounded(all: readonly RepairedModule[]): RepairedModule[] {
  if (all.length <= maxRepaired) return [...all];
  const newest = all.slice(0, maxRepaired / 2);
  const ranked = all.slice(newest.length).map((one) => ({ one, hash: hashOf(one) }));
  ranked.sort(
    (left, right) => right.one.repairedAt.length - left.one.repairedAt.length || (left.hash < right.hash ? -1 : 1),
  );
  const kept = new Set(ranked.slice(0, maxRepaired - newest.length).map(({ one }) => one));
  return all.filter((one, index) => index < newest.length || kept.has(one));
}

function hashOf(module: ModuleName): string {
  return createHash('sha256').update(pairKey(module)).digest('hex');
}

/** Undefined if there is no list, or one that is not JSON. */
async function readRepairs(documents: Documents, hub: string): Promise<StoredDocument<RepairedModule[]> | undefined> {
  const stored = await unlessDamaged(documents.read<unknown>(repairsPath(hub)));
  return stored && { value: readStored(stored.value), etag: stored.etag };
}

/** An entry that this version does not understand is left out, as if its module had not been repaired. */
function readStored(stored: unknown): RepairedModule[] {
  const { modules } = membersOf(stored);
  if (!Array.isArray(modules)) return [];
  return modules.flatMap((one) => {
    const { deviceId, moduleId, repairedAt } = membersOf(one);
    if (typeof deviceId !== 'string' || typeof moduleId !== 'string' || !Array.isArray(repairedAt)) return [];
    const times = repairedAt.map((time) => timeOr(time, undefined)).filter((time) => time !== undefined);
    return times.length === 0 ? [] : [{ deviceId, moduleId, repairedAt: times }];
  });
}

function repairsPath(hub: string): string {
  return `repairs/${hub}.json`;
}
