import { defaultModuleId, moduleIdProblem } from '../policy/moduleId.ts';
import { defaultSpec, type Policy } from '../policy/moduleSpec.ts';
import { parsePolicy } from './parsePolicy.ts';
import type { Report, Settings } from './settings.ts';

/**
 * Returns the policy of `POLICY`, or without it a policy of one module, `MODULE_ID`. Empty after it reported a problem. Warns of
 * a `MODULE_ID` that `POLICY` leaves out; not of the default, which the deployment template always sets.
 */
export function readPolicy({ MODULE_ID: moduleId, POLICY: json }: Settings, report: Report, warn: Report): Policy {
  if (json === undefined) return readModuleId(moduleId ?? defaultModuleId, report);
  const read = parsePolicy(json);
  if (read.ok) {
    const isMeant = moduleId !== undefined && moduleId !== defaultModuleId;
    if (isMeant && !read.value.some((spec) => spec.moduleId === moduleId)) {
      warn('MODULE_ID', 'has no effect, because POLICY is set; add the module to POLICY, or leave MODULE_ID out');
    }
    return read.value;
  }
  for (const { path, message } of read.problems) report(`POLICY${path}`, message);
  return [];
}

function readModuleId(moduleId: string, report: Report): Policy {
  const problem = moduleIdProblem(moduleId);
  if (problem === undefined) return [defaultSpec(moduleId)];
  report('MODULE_ID', problem);
  return [];
}
