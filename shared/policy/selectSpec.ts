import type { DeviceInfo } from './deviceInfo.ts';
import { matchesGlob } from './matchesGlob.ts';
import type { ModuleSpec, Selection } from './moduleSpec.ts';
import { readsTags } from './policyReadsTags.ts';
import { tagAt } from './tagPath.ts';

/**
 * Which part of the selection left a device out: it is an Edge device, no glob takes its id, a tag is missing or has
 * another value, or it carries the exempt tag.
 */
export type ExclusionReason = 'edge' | 'deviceId' | 'tags' | 'exempt';

export type SpecSelection = { selected: true } | { selected: false; reason: ExclusionReason };

/**
 * Whether `spec` wants its module on `device`; where several parts of the selection leave it out, the first in the
 * order of `ExclusionReason` is named. Status plays no part: a disabled device is selected, and blocked later.
 *
 * Throws a `TypeError` for a device whose tags were not read although the selection needs them: guessing could put a
 * module on an exempt device.
 */
export function selectSpec({ select }: ModuleSpec, device: DeviceInfo): SpecSelection {
  if (device.edge && !select.edge) return excluded('edge');
  const { deviceIds } = select;
  if (deviceIds && !deviceIds.some((glob) => matchesGlob(glob, device.deviceId))) return excluded('deviceId');
  if (!readsTags(select)) return { selected: true };
  const { tags } = device;
  if (tags === undefined) throw new TypeError('The selection reads tags, but the tags of this device were not read.');
  if (!hasTags(select, tags)) return excluded('tags');
  return isExempt(select, tags) ? excluded('exempt') : { selected: true };
}

function excluded(reason: ExclusionReason): SpecSelection {
  return { selected: false, reason };
}

function hasTags({ tags: wanted = {} }: Selection, tags: Record<string, unknown>): boolean {
  return Object.entries(wanted).every(([path, values]) => {
    const value = tagAt(tags, path);
    return values.some((one) => one === value);
  });
}

function isExempt({ exemptTag }: Selection, tags: Record<string, unknown>): boolean {
  if (exemptTag === undefined) return false;
  const value = tagAt(tags, exemptTag);
  return value !== undefined && value !== null && value !== false;
}
