import type { ModuleSpec, Selection } from './moduleSpec.ts';

/** What the app does to the module of a spec. */
const effects: Record<ModuleSpec['ensure'], string> = {
  present: 'created where it is missing',
  patched: 'never created, its twin written where it is there',
  absent: 'REMOVED where it is there',
};

/** Returns one line for operators: what the app does to the module of a spec, and on which devices. */
export function describeSpec(spec: ModuleSpec): string {
  const { moduleId, ensure, twin, select, stop } = spec;
  const most = stop.maxChanges === undefined ? '' : `, at most ${stop.maxChanges} a run`;
  const enforced = ensure === 'present' && twin.mode === 'enforce' ? ', its twin kept as the policy has it' : '';
  const how = `${describeRemoval(spec)}${most}${describeTimes(spec)}`;
  return `${moduleId}: ${effects[ensure]}${enforced}${how}, on ${describeSelection(select)}`;
}

/** Names the safeguards of a removal that the policy turns off. */
function describeRemoval({ removal }: ModuleSpec): string {
  const noDryRun = removal?.dryRun === 'off' ? ', also without a dry run before' : '';
  return `${noDryRun}${removal?.connected === 'remove' ? ', also where it is connected' : ''}`;
}

function describeTimes({ windows = [], rollout }: ModuleSpec): string {
  const open = windows.map(({ days, from, to }) => `${days.join(', ')} ${from}-${to}`).join(' or ');
  const waves = rollout?.waves.map((wave) => ('percent' in wave ? `${wave.percent}%` : wave.deviceIds.join(' or ')));
  return [
    open === '' ? '' : `, by runs only ${open} UTC`,
    waves ? `, in waves (${[...waves, 'all others'].join('; ')}), ${rollout?.pauseHours} h apart` : '',
  ].join('');
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
