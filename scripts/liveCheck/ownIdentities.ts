import type { HubRequest } from './httpExchange.ts';

/** The devices that a run may write to: the scratch device, and one that is never made. */
export interface OwnIdentities {
  scratch: string;
  missing: string;
}

/** `suffix`: random, so that no run meets the device of another one. */
export function ownIdentities(suffix: string): OwnIdentities {
  const scratch = `keeper-live-check-${suffix}`;
  return { scratch, missing: `${scratch}-missing` };
}

/** Throws if the request could change a device other than these two, or read it by id: a defect of a probe. */
export function requireOwn({ method, path, body }: HubRequest, { scratch, missing }: OwnIdentities): void {
  const [route = ''] = path.split('?');
  const isOwn = (id: unknown) => id === scratch || id === missing;
  const [, collection, deviceId, kind, ...rest] = route.split('/');
  const isQuery = method === 'POST' && route === '/devices/query';
  const isBulk = method === 'POST' && route === '/devices' && Array.isArray(body) && body.every(({ id }) => isOwn(id));
  const isOne =
    method !== 'POST' && collection === 'devices' && isOwn(deviceId) && (kind === undefined || kind === 'modules');
  if (isQuery || isBulk || (isOne && rest.length <= 1)) return;
  throw new Error(`The live check may not send ${method} to another device than its own.`);
}
