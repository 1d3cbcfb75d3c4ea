import type { ModuleName } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { type RolloutState, type RolloutStates, stateOf } from '../policy/rollout.ts';
import { waveOf } from '../policy/waves.ts';
import type { NoRemoval } from '../reconcile/decide.ts';
import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import { countOr, membersOf } from '../storage/readMembers.ts';

const needsDryRun: NoRemoval = 'needsDryRun';

/** What a run has counted in the open wave of one module. */
interface WaveCounts {
  /** The `spec` and `wave` of the `RolloutState` that the counts belong to. */
  spec: string;
  wave: number;
  /** Pairs of the wave with an outcome, except for devices that are gone. */
  pairs: number;
  failed: number;
  /** Pairs whose removal waits for a dry run. */
  left: number;
  /** Modules of the wave that report their health, and those of them that are not healthy. */
  reporting: number;
  unhealthy: number;
}

type Counted = Omit<WaveCounts, 'spec' | 'wave'>;

const nothingCounted: Readonly<Counted> = { pairs: 0, failed: 0, left: 0, reporting: 0, unhealthy: 0 };
const countNames = Object.keys(nothingCounted) as (keyof Counted)[];

/** By module id. */
export type WaveCountsByModule = Record<string, WaveCounts>;

/** What the agent of a module reports about itself. */
interface HealthReport extends ModuleName {
  isHealthy: boolean;
}

/**
 * Counts outcomes of the open waves of `policy`, which `atOpenWaves` returned, and what agents report. A module of the wave
 * without a report counts neither as healthy nor as unhealthy.
 */
export function countWaves(
  counts: WaveCountsByModule,
  policy: Policy,
  outcomes: readonly DeviceModuleOutcome[],
  reports: readonly HealthReport[] = [],
): void {
  for (const spec of policy) {
    const { moduleId, rollout, openWave: wave = 0 } = spec;
    if (!rollout || wave >= rollout.waves.length) continue;
    const ofWave = countsOfWave(counts, moduleId, { spec: stateOf(spec).spec, wave });
    for (const { deviceId, moduleId: ofModule, outcome, reason } of outcomes) {
      if (ofModule !== moduleId || outcome === 'excluded' || outcome === 'gone') continue;
      if (waveOf(rollout, deviceId) !== wave) continue;
      ofWave.pairs += 1;
      if (outcome === 'failed') ofWave.failed += 1;
      if (outcome === 'blocked' && reason === needsDryRun) ofWave.left += 1;
    }
    for (const report of reports) {
      if (report.moduleId !== moduleId || waveOf(rollout, report.deviceId) !== wave) continue;
      ofWave.reporting += 1;
      if (!report.isHealthy) ofWave.unhealthy += 1;
    }
  }
}

function countsOfWave(
  counts: WaveCountsByModule,
  moduleId: string,
  { spec, wave }: Pick<WaveCounts, 'spec' | 'wave'>,
): WaveCounts {
  const known = Object.hasOwn(counts, moduleId) ? counts[moduleId] : undefined;
  if (known?.spec === spec && known.wave === wave) return known;
  const fresh = { spec, wave, ...nothingCounted };
  counts[moduleId] = fresh;
  return fresh;
}

/** Reads stored counts. A wave of which a member is not readable is left out, and then does not count as done. */
export function readWaveCounts(stored: unknown): WaveCountsByModule {
  return Object.fromEntries(
    Object.entries(membersOf(stored)).flatMap(([moduleId, counts]) => {
      const value = membersOf(counts);
      const { spec } = value;
      const wave = countOr(value.wave, undefined);
      if (typeof spec !== 'string' || wave === undefined) return [];
      const counted: Counted = { ...nothingCounted };
      for (const name of countNames) {
        const count = countOr(value[name] ?? 0, undefined);
        if (count === undefined) return [];
        counted[name] = count;
      }
      return [[moduleId, { spec, wave, ...counted }]];
    }),
  );
}

/** The states after a real run that has seen the whole hub, and what the log and the reason of the run say about them. */
export interface RolloutStep {
  rollouts: RolloutStates;
  notes: RolloutNote[];
}

/** `held`: the next wave does not begin; `done`: the wave is done, and the next one waits; `opened`: the next one is open. */
interface RolloutNote {
  moduleId: string;
  what: 'held' | 'done' | 'opened';
  /** The number of the wave; the first wave is 1. */
  wave: number;
  text: string;
}

const hourMs = 3600_000;

/**
 * How far the rollouts of a policy are after a run whose counts of waves are `counts` and that left out the modules in `stopped`.
 * A wave with no device is done too, because the same policy may apply to several hubs. Rollouts of specs that are not in the policy any
 * more are dropped.
 */
export function afterRun(
  policy: Policy,
  before: RolloutStates | undefined,
  {
    counts,
    stopped,
    listingSince,
  }: { counts: WaveCountsByModule; stopped: Readonly<Record<string, string>>; listingSince: string | null },
  nowMs: number,
): RolloutStep {
  const rollouts: Record<string, RolloutState> = {};
  const notes: RolloutNote[] = [];
  for (const spec of policy) {
    const { moduleId, rollout } = spec;
    if (!rollout) continue;
    const state = stateOf(spec, before);
    rollouts[moduleId] = state;
    if (state.wave >= rollout.waves.length) continue;
    const seen = Object.hasOwn(counts, moduleId) ? counts[moduleId] : undefined;
    if (seen?.spec !== state.spec || seen.wave !== state.wave) continue; // the spec was changed during the run
    const wave = state.wave + 1;
    const { held: _before, ...rest } = state;
    const why = Object.hasOwn(stopped, moduleId)
      ? 'the last run left the module out; its reason says why'
      : whyHeld(seen, rollout.stopWhen);
    if (why !== undefined) {
      const text = `The rollout of ${moduleId} is held at wave ${wave} of ${rollout.waves.length + 1}: ${why}. Remove the cause and start another run, or wait for the next run, which checks the wave again.`;
      rollouts[moduleId] = { ...rest, held: text };
      notes.push({ moduleId, what: 'held', wave, text });
      continue;
    }
    const doneAt = rest.doneAt ?? new Date(nowMs).toISOString();
    const pauseEndsMs = Date.parse(doneAt) + rollout.pauseHours * hourMs;
    // Agents may have reported before this run wrote their settings, so only a later run can use their reports.
    const hasNewReports = seen.reporting === 0 || Date.parse(listingSince ?? '') >= Date.parse(doneAt);
    if (nowMs < pauseEndsMs || !hasNewReports) {
      rollouts[moduleId] = { ...rest, doneAt };
      const until = new Date(pauseEndsMs).toISOString();
      notes.push({
        moduleId,
        what: 'done',
        wave,
        text: `Wave ${wave} of ${moduleId} is done; a run after ${until} may begin the next one.`,
      });
      continue;
    }
    rollouts[moduleId] = { spec: state.spec, wave: state.wave + 1 };
    notes.push({
      moduleId,
      what: 'opened',
      wave: wave + 1,
      text: `Wave ${wave + 1} of ${moduleId} begins with the next run.`,
    });
  }
  return { rollouts, notes };
}

function whyHeld(
  { pairs, failed, left, reporting, unhealthy }: WaveCounts,
  { failedPercent, unhealthyPercent }: { failedPercent: number; unhealthyPercent: number },
): string | undefined {
  if (left > 0) return `${left} removals wait for a dry run of this wave`;
  if (failed * 100 > pairs * failedPercent) {
    return `the module failed on ${failed} of ${pairs} devices, which is more than rollout.stopWhen.failedPercent (${failedPercent}); the run's failures say why`;
  }
  if (unhealthy * 100 > reporting * unhealthyPercent) {
    return `${unhealthy} of the ${reporting} modules that report their health are not healthy, which is more than rollout.stopWhen.unhealthyPercent (${unhealthyPercent})`;
  }
  return undefined;
}
