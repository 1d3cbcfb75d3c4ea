import { identityEtag } from '../state/identityJson.ts';
import { DeviceRow, type ModuleRow } from '../state/identityRow.ts';
import { type IfMatch, matches } from '../wire/ifMatch.ts';
import { deviceEtagMismatch, identityPreconditionFailed } from '../wire/preconditions.ts';

/** Throws the hub's 412 if `ifMatch` names other etags than that of the identity. */
export function requireIdentityEtag(ifMatch: IfMatch, row: DeviceRow | ModuleRow): void {
  const etag = identityEtag(row);
  if (ifMatch.kind !== 'etags' || matches(ifMatch, etag)) return;
  if (row instanceof DeviceRow) throw deviceEtagMismatch(etag, ifMatch.etags[0] ?? '');
  throw identityPreconditionFailed();
}

/** The same for a delete, which needs a condition (seen on one live hub). */
export function requireDeleteCondition(ifMatch: IfMatch, row: DeviceRow | ModuleRow): void {
  if (ifMatch.kind === 'none') throw identityPreconditionFailed();
  requireIdentityEtag(ifMatch, row);
}
