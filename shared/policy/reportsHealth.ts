import type { ModuleSpec } from './moduleSpec.ts';

/** The module whose agent reports `latest_state` and `latest_invalid_fields` (Microsoft, "Configure a micro agent twin"). */
const microAgent = 'DefenderIotMicroAgent';

/** Whether the agent of this module reports if its settings are applied. Runs read these reports with each listing. */
export function reportsHealth({ moduleId, ensure }: Pick<ModuleSpec, 'moduleId' | 'ensure'>): boolean {
  return moduleId === microAgent && ensure !== 'absent';
}
