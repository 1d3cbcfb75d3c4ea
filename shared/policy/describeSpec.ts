import type { ModuleSpec, Selection } from './moduleSpec.ts';

/** What the app does to the modules of a spec. */
const deeds: Record<ModuleSpec['ensure'], string> = {
  present: 'created where it is missing',
  patched: 'never created, its twin written where it is there',
  absent: 'REMOVED where it is there',
};

/** One line for people: what the app does to a module, and on which devices. */
export function describeSpec({ moduleId, ensure, twin, select, stop }: ModuleSpec): string {
  const most = stop.maxChanges === undefined ? '' : `, at most ${stop.maxChanges} a run`;
  const enforced = ensure === 'present' && twin.mode === 'enforce' ? ', its twin kept as the policy has it' : '';
  return `${moduleId}: ${deeds[ensure]}${enforced}${most}, on ${describeSelection(select)}`;
}

function describeSelection({ edge, deviceIds, tags = {}, exemptTag }: Selection): string {
  const devices = edge ? 'every device' : 'every device but IoT Edge devices';
  const conditions = [
    ...(deviceIds ? [`its id is like ${deviceIds.join(' or ')}`] : []),
    ...Object.entries(tags).map(
      ([path, values]) => `tags.${path} is ${values.map((one) => JSON.stringify(one)).join(' or ')}`,
    ),
    ...(exemptTag === undefined ? [] : [`it has no tags.${exemptTag}`]),
  ];
  return conditions.length === 0 ? devices : `${devices}, if ${conditions.join(', and ')}`;
}
