import { identityEtag } from '../state/identityJson.ts';
import type { DeviceRow, ModuleRow } from '../state/identityRow.ts';
import { twinEtag } from '../state/twinRecord.ts';
import { matches, readIfMatch } from '../wire/ifMatch.ts';
import { identityEtagMismatch, twinEtagMismatch } from '../wire/refusals.ts';
import type { BulkEntry } from './bulkEntry.ts';
import { readOptionalString } from './identityBody.ts';

/** In the `…IfMatchETag` modes `eTag` must be the identity's; without one the mode acts as if unconditional (recorded). */
export function requireIdentityEtag(entry: BulkEntry, row: DeviceRow | ModuleRow): void {
  if (entry.mode !== 'updateIfMatchETag' && entry.mode !== 'deleteIfMatchETag') return;
  const wanted = readOptionalString(entry.body.eTag ?? entry.body.etag, 'eTag');
  if (!matches(readIfMatch(wanted ?? undefined), identityEtag(row))) throw identityEtagMismatch();
}

/** In `updateTwinIfMatchETag` `twinETag` must be the twin's. */
export function requireTwinEtag(entry: BulkEntry, row: DeviceRow | ModuleRow): void {
  if (entry.mode !== 'updateTwinIfMatchETag') return;
  const wanted = readOptionalString(entry.body.twinETag, 'twinETag');
  const etag = twinEtag(row.twin?.revision ?? 1);
  if (!matches(readIfMatch(wanted ?? undefined), etag)) throw twinEtagMismatch(entry.deviceId);
}
