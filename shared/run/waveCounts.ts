import type { Policy } from '../policy/moduleSpec.ts';
import { type RolloutState, type RolloutStates, stateOf, waveOf } from '../policy/rollout.ts';
import type { DeviceModuleOutcome } from '../reconcile/outcome.ts';
import { countOr, membersOf } from '../storage/readMembers.ts';

/** What a run has seen of the open wave of one module. */
export interface WaveCounts {
  /** `RolloutState.spec` and `.wave` that the counts belong to. */
  spec: string;
  wave: number;
  /** Pairs of the wave with an outcome, except for devices that are gone. */
  pairs: number;
  failed: number;
  /** Modules of the wave that report their health, and those of them that are not healthy. */
  reporting: number;
  unhealthy: number;
}

/** By module id. */
export type WaveCountsByModule = Record<string, WaveCounts>;

/** Counts outcomes of the open waves of the policy, which is one of `atOpenWaves`. */
export function countWaves(counts: WaveCountsByModule, policy: Policy, outcomes: readonly DeviceModuleOutcome[]): void {
  for (const spec of policy) {
    const { moduleId, rollout, openWave: wave = 0 } = spec;
    if (!rollout || wave >= rollout.waves.length) continue;
    const ofWave = countsOfWave(counts, moduleId, { spec: stateOf(spec).spec, wave });
    for (const { deviceId, moduleId: ofModule, outcome } of outcomes) {
      if (ofModule !== moduleId || outcome === 'excluded' || outcome === 'gone') continue;
      if (waveOf(rollout, deviceId) !== wave) continue;
      ofWave.pairs += 1;
      if (outcome === 'failed') ofWave.failed += 1;
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
  const fresh = { spec, wave, pairs: 0, failed: 0, reporting: 0, unhealthy: 0 };
  counts[moduleId] = fresh;
  return fresh;
}

/** Stored counts; what is not understood is left out, so that its wave is not done. */
export function readWaveCounts(stored: unknown): WaveCountsByModule {
  return Object.fromEntries(
    Object.entries(membersOf(stored)).flatMap(([moduleId, counts]) => {
      const value = membersOf(counts);
      const { spec } = value;
      const [wave, pairs, failed, reporting, unhealthy] = [
        value.wave,
        value.pairs,
        value.failed,
        value.reporting,
        value.unhealthy,
      ].map((count) => countOr(count, undefined));
      if (typeof spec !== 'string' || wave === undefined || pairs === undefined || failed === undefined) return [];
      return [[moduleId, { spec, wave, pairs, failed, reporting: reporting ?? 0, unhealthy: unhealthy ?? 0 }]];
    }),
  );
}

/** The states after a real run that has seen the whole hub, and what is to be told about it. */
export interface RolloutStep {
  rollouts: RolloutStates;
  notes: RolloutNote[];
}

/** `held`: the next wave does not begin; `done`: the wave rests; `opened`: the next one is open. */
export interface RolloutNote {
  moduleId: string;
  what: 'held' | 'done' | 'opened';
  /** From 1, as people count. */
  wave: number;
  text: string;
}

const hourMs = 3600_000;

/**
 * How far the rollouts of a policy are after a run whose counts of waves are `counts` and that left out the modules in `stopped`.
 * A wave with no device is done too: the same policy may stand for several hubs. Rollouts of specs that are not in the policy any
 * more are dropped.
 */
export function afterRun(
  policy: Policy,
  before: RolloutStates | undefined,
  { counts, stopped }: { counts: WaveCountsByModule; stopped: Readonly<Record<string, string>> },
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
      ? 'the module met a stop rule in this run'
      : whyHeld(seen, rollout.stopWhen);
    if (why !== undefined) {
      const text = `The rollout of ${moduleId} is held at wave ${wave} of ${rollout.waves.length + 1}: ${why}. Remove the cause and start another run, or wait for the next: it looks again.`;
      rollouts[moduleId] = { ...rest, held: text };
      notes.push({ moduleId, what: 'held', wave, text });
      continue;
    }
    const doneAt = rest.doneAt ?? new Date(nowMs).toISOString();
    const restsUntilMs = Date.parse(doneAt) + rollout.pauseHours * hourMs;
    if (nowMs < restsUntilMs) {
      rollouts[moduleId] = { ...rest, doneAt };
      const until = new Date(restsUntilMs).toISOString();
      notes.push({
        moduleId,
        what: 'done',
        wave,
        text: `Wave ${wave} of ${moduleId} is done; it rests until ${until}.`,
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
  { pairs, failed, reporting, unhealthy }: WaveCounts,
  { failedPercent, unhealthyPercent }: { failedPercent: number; unhealthyPercent: number },
): string | undefined {
  if (failed * 100 > pairs * failedPercent) {
    return `it failed on ${failed} of ${pairs} devices, which is more than rollout.stopWhen.failedPercent (${failedPercent}); the run's failures say why`;
  }
  if (unhealthy * 100 > reporting * unhealthyPercent) {
    return `${unhealthy} of the ${reporting} modules that report their health are not healthy, which is more than rollout.stopWhen.unhealthyPercent (${unhealthyPercent})`;
  }
  return undefined;
}
