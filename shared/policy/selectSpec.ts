import type { DeviceInfo } from './deviceInfo.ts';
import { type Exemption, exemptionOf } from './exemption.ts';
import { matchesGlob } from './matchesGlob.ts';
import type { ModuleSpec, Policy, Selection } from './moduleSpec.ts';
import { waveOf } from './waves.ts';

/**
 * Which condition excluded a device: it is an Edge device, no glob matches its id, a tag is missing or has another value,
 * it has an exemption that has not ended, or it belongs to a later wave of the rollout than the open one.
 */
type ExclusionReason = 'edge' | 'deviceId' | 'tags' | 'exempt' | 'laterWave';

export type SpecSelection = ({ selected: true } | { selected: false; reason: ExclusionReason }) & {
  /** The exemption in the exempt tag, also an ended one. Present only if the device meets all other conditions. */
  exemption?: Exemption;
};

/**
 * Returns whether `spec` selects `device` at `nowMs` (milliseconds since 1970). If several conditions exclude the device,
 * `reason` is the first of them in the order of `ExclusionReason`. A disabled device is selected too, and gets the outcome
 * `blocked` later.
 *
 * Throws `TypeError` if the selection reads tags and the tags of the device were not read: a guess could create a module on an
 * exempt device.
 */
export function selectSpec(spec: ModuleSpec, device: DeviceInfo, nowMs: number): SpecSelection {
  const selection = selectByConditions(spec, device, nowMs);
  return selection.selected && isOfLaterWave(spec, device) ? { ...selection, ...excluded('laterWave') } : selection;
}

function isOfLaterWave({ rollout, openWave = 0 }: ModuleSpec, { deviceId }: DeviceInfo): boolean {
  return rollout !== undefined && openWave < rollout.waves.length && waveOf(rollout, deviceId) > openWave;
}

function selectByConditions({ select }: ModuleSpec, device: DeviceInfo, nowMs: number): SpecSelection {
  if (device.edge && !select.edge) return excluded('edge');
  const { deviceIds } = select;
  if (deviceIds && !deviceIds.some((glob) => matchesGlob(glob, device.deviceId))) return excluded('deviceId');
  if (!readsTags(select)) return { selected: true };
  const { tags } = device;
  if (tags === undefined) throw new TypeError('The selection reads tags, but the tags of this device were not read.');
  if (!hasTags(select, tags)) return excluded('tags');
  const exemption = select.exemptTag === undefined ? undefined : exemptionOf(tagAt(tags, select.exemptTag), nowMs);
  if (!exemption) return { selected: true };
  return { ...(exemption.state === 'ended' ? { selected: true } : excluded('exempt')), exemption };
}

/** Whether the policy reads the tags of devices. If not, they are left out of queries, because they cost message quota. */
export function policyReadsTags(policy: Policy): boolean {
  return policy.some(({ select }) => readsTags(select));
}

function readsTags({ tags, exemptTag }: Selection): boolean {
  return exemptTag !== undefined || (tags !== undefined && Object.keys(tags).length > 0);
}

function excluded(reason: ExclusionReason): { selected: false; reason: ExclusionReason } {
  return { selected: false, reason };
}

function hasTags({ tags: wanted = {} }: Selection, tags: Record<string, unknown>): boolean {
  return Object.entries(wanted).every(([path, values]) => {
    const value = tagAt(tags, path);
    return values.some((one) => one === value);
  });
}

/** Returns the value at a dotted path, such as `location.plant`; undefined if the device has no such tag. */
function tagAt(tags: Readonly<Record<string, unknown>>, path: string): unknown {
  let value: unknown = tags;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) {
      return undefined;
    }
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
