// The hub's 412 responses to stale or missing etags. Sources: see each.
import { HubRefusal } from './hubRefusal.ts';

/** The response to a delete without If-Match, and to a stale etag of a module (recorded in 2020). */
export const identityPreconditionFailed = (): HubRefusal =>
  new HubRefusal({ status: 412, code: 412001, codeName: 'PreconditionFailed', message: 'PreconditionFailed' });

/**
 * The response to a stale etag of a device; its text contains the numbers that the two etags encode (recorded in 2021). For
 * an etag that encodes no number the response is that for a module, which is unproven.
 */
export function deviceEtagMismatch(currentEtag: string, givenEtag: string): HubRefusal {
  const [existing, given] = [numberInEtag(currentEtag), numberInEtag(givenEtag)];
  if (existing === undefined || given === undefined) return identityPreconditionFailed();
  return new HubRefusal({
    status: 412,
    code: 412001,
    codeName: 'PreconditionFailed',
    message: `Precondition failed: Device version did not match, existingVersion:${existing} newVersion:${given}`,
  });
}

function numberInEtag(etag: string): string | undefined {
  const text = Buffer.from(etag, 'base64').toString('latin1');
  return /^\d{1,20}$/.test(text) ? text : undefined;
}

export const twinEtagMismatch = (deviceId: string): HubRefusal =>
  new HubRefusal({
    status: 412,
    code: 412001,
    codeName: 'PreconditionFailed',
    message: `ETag mismatch for device ID '${deviceId}'`,
  });
