// The hub's 412 responses to stale or missing etags. Sources: see each.
import { HubRefusal } from './hubRefusal.ts';

/** A delete without If-Match; and a stale etag of a module (recorded in 2020). */
export const identityPreconditionFailed = (): HubRefusal =>
  new HubRefusal({ status: 412, code: 412001, codeName: 'PreconditionFailed', message: 'PreconditionFailed' });

/**
 * A stale etag of a device: the words name the numbers that the etags contain (recorded in 2021). For an etag that
 * contains no number they are those for a module, which is unproven.
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
