import { defaultModuleId, moduleIdProblem } from '../policy/moduleId.ts';
import { defaultSpec } from '../policy/moduleSpec.ts';
import type { WrittenPolicy } from './parsePolicy.ts';
import { parsePolicy } from './parsePolicy.ts';
import type { Report, Settings } from './settings.ts';

/**
 * Returns the policy of `POLICY`; without that setting, a policy of the one module `MODULE_ID`. Returns undefined if neither is
 * set, or after a problem was reported. A `MODULE_ID` with the default value counts as not set, because the deployment template
 * always sets it. Warns of any other `MODULE_ID` that is not a module of `POLICY`.
 */
export function readPolicy(
  { MODULE_ID: moduleId, POLICY: json }: Settings,
  report: Report,
  warn: Report,
): WrittenPolicy | undefined {
  const isMeant = moduleId !== undefined && moduleId !== defaultModuleId;
  if (json === undefined) return isMeant ? readModuleId(moduleId, report) : undefined;
  const read = parsePolicy(json);
  if (!read.ok) {
    for (const { path, message } of read.problems) report(`POLICY${path}`, message);
    return undefined;
  }
  if (isMeant && !read.value.some((spec) => spec.moduleId === moduleId)) {
    warn('MODULE_ID', 'has no effect, because POLICY is set; add the module to POLICY, or leave MODULE_ID out');
  }
  return { policy: read.value, written: JSON.parse(json) };
}

function readModuleId(moduleId: string, report: Report): WrittenPolicy | undefined {
  const problem = moduleIdProblem(moduleId);
  if (problem === undefined) return { policy: [defaultSpec(moduleId)], written: [{ moduleId }] };
  report('MODULE_ID', problem);
  return undefined;
}
