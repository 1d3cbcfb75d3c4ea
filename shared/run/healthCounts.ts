import type { ModuleName } from '../hub/registry.ts';
import type { ModuleHealth } from '../reconcile/moduleHealth.ts';
import { countOr, countsOf, membersOf, timeOr } from '../storage/readMembers.ts';
import { increment } from './counts.ts';

/** The health of one module of the policy on the selected devices that had it when the run listed them. */
interface HealthCounts extends Record<ModuleHealth, number> {
  /** How many of the failed modules name each setting as invalid; at most `maxFieldNames` names, all others are `other`. */
  invalidFields: Record<string, number>;
  /** The oldest of the activity times of the modules, ISO 8601, UTC; null if none has one. */
  oldestActivity: string | null;
}

/** By module id; only of modules whose agent reports. */
export type RunHealth = Record<string, HealthCounts>;

/** The health of one module, as a page of the listing shows it. */
export interface FoundHealth extends ModuleName {
  health: ModuleHealth;
  invalidFields: readonly string[];
  lastActivityTime?: string;
}

/** The largest number of names that are counted; the micro agent has about 40 settings. */
const maxFieldNames = 50;
/** Devices write these names: anything that is no plain name of a setting counts as `other`. */
const plainName = /^[A-Za-z][A-Za-z0-9_.-]{0,99}$/;
const otherField = 'other';

function noHealth(): HealthCounts {
  return { healthy: 0, failed: 0, silent: 0, invalidFields: {}, oldestActivity: null };
}

/** Adds one module to the counts. */
export function countHealth(health: RunHealth, { moduleId, ...found }: FoundHealth): void {
  const counts = Object.hasOwn(health, moduleId) ? (health[moduleId] ?? noHealth()) : noHealth();
  health[moduleId] = counts;
  counts[found.health] += 1;
  if (found.health === 'failed') for (const name of new Set(found.invalidFields)) countField(counts, name);
  const { lastActivityTime: activity } = found;
  if (activity === undefined) return;
  const at = new Date(activity).toISOString();
  if (counts.oldestActivity === null || at < counts.oldestActivity) counts.oldestActivity = at;
}

function countField({ invalidFields }: HealthCounts, name: string): void {
  const isKnown = Object.hasOwn(invalidFields, name);
  const isCounted = plainName.test(name) && (isKnown || Object.keys(invalidFields).length < maxFieldNames);
  increment(invalidFields, isCounted ? name : otherField);
}

/** Reads stored counts; null if the app that wrote them did not count health yet, or if one is not a valid count. */
export function readHealth(stored: unknown): RunHealth | null {
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return null;
  const health: RunHealth = {};
  for (const [moduleId, value] of Object.entries(stored)) {
    const members = membersOf(value);
    const [healthy, failed, silent] = [members.healthy, members.failed, members.silent].map((n) =>
      countOr(n, undefined),
    );
    const { counts: invalidFields, isWhole } = countsOf(members.invalidFields);
    if (healthy === undefined || failed === undefined || silent === undefined || !isWhole) return null;
    health[moduleId] = { healthy, failed, silent, invalidFields, oldestActivity: timeOr(members.oldestActivity, null) };
  }
  return health;
}
