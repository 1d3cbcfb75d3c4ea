import { weekdays } from '../policy/maintenanceWindow.ts';
import { defaultRemoval, defaultSpec, type ModuleSpec, type Policy } from '../policy/moduleSpec.ts';
import type { Rollout } from '../policy/waves.ts';
import { type JsonProblem, type JsonResult, readJson } from './jsonSetting.ts';
import { type PolicyJson, policySchema } from './policySchema.ts';
import { percentOf } from './rolloutSchema.ts';

type SpecJson = PolicyJson[number];

/** A policy with all defaults, and the JSON value from which it was parsed, without defaults. */
export interface WrittenPolicy {
  policy: Policy;
  written: unknown;
}

/**
 * Parses the JSON of `POLICY`. Returns specs with their defaults, or every problem, with a path such as
 * `[0].select.edge` and what to write instead.
 */
export function parsePolicy(text: string): JsonResult<Policy> {
  const json = readJson(text, policySchema);
  if (!json.ok) return json;
  const problems = duplicateProblems(json.value);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: json.value.map(specOf) };
}

function specOf(json: SpecJson): ModuleSpec {
  const spec = defaultSpec(json.moduleId);
  const { unchecked: _onlyForTheChecks, ...twin } = json.twin ?? {};
  return {
    ...spec,
    ensure: json.ensure ?? spec.ensure,
    authentication: json.authentication ?? spec.authentication,
    twin: { ...spec.twin, ...twin },
    select: { ...spec.select, ...json.select },
    stop: { ...spec.stop, ...json.stop },
    ...(json.ensure === 'absent' ? { removal: { ...defaultRemoval, ...json.removal } } : {}),
    ...(json.rollout ? { rollout: rolloutOf(json.rollout) } : {}),
    ...(json.windows ? { windows: json.windows.map((window) => ({ days: weekdays, ...window })) } : {}),
  };
}

function rolloutOf({ waves, pauseHours = 24, stopWhen }: NonNullable<SpecJson['rollout']>): Rollout {
  return {
    waves: waves.map((wave) => {
      if (typeof wave !== 'string') return { deviceIds: wave };
      const percent = percentOf(wave);
      return percent === undefined ? { deviceIds: [wave] } : { percent };
    }),
    pauseHours,
    stopWhen: { failedPercent: 1, unhealthyPercent: 1, ...stopWhen },
  };
}

/** Refuses a second spec of the same module, because the two could contradict each other. */
function duplicateProblems(specs: PolicyJson): JsonProblem[] {
  return specs.flatMap(({ moduleId }, index) => {
    const first = specs.findIndex((spec) => spec.moduleId === moduleId);
    if (first === index) return [];
    return [{ path: `[${index}].moduleId`, message: `is also in [${first}]; write every module only once` }];
  });
}
