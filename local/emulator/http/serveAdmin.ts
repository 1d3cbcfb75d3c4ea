import type { IncomingMessage } from 'node:http';
import { serveTokenRequest } from '../auth/identityEndpoint.ts';
import { type RoleName, roleNames } from '../auth/roles.ts';
import { HubState } from '../state/hubState.ts';
import { requireObject } from '../wire/bodyFields.ts';
import type { HubResponse } from '../wire/hubResponse.ts';
import { argumentInvalid, routeNotFound } from '../wire/refusals.ts';
import { readDeviceSideChange } from './deviceSideBody.ts';
import type { Hub } from './prepareRequest.ts';
import { readJsonBody } from './requestBody.ts';
import type { RequestTarget } from './requestTarget.ts';

const maxAdminBytes = 64 * 1024;

export const isAdminPath = (target: RequestTarget): boolean => target.segments[0] === '$emulator';

/** Path of the identity endpoint; `$` is percent-encoded so that shells do not expand it. */
export const tokenPath = '/%24emulator/token';

/**
 * Serves the emulator's own API under `/$emulator`, without authorization: `GET counters`; `GET`, `POST`, `DELETE
 * faults`; `GET`, `PUT clock`; `GET identities`, `PUT identities/system` or `identities/{client id}`; `GET token`;
 * `PATCH devices/{device}` or `devices/{device}/modules/{module}`, which acts as the program on the device.
 * Rejects with a `HubRefusal`.
 */
export async function serveAdmin(hub: Hub, request: IncomingMessage, target: RequestTarget): Promise<HubResponse> {
  if (target.segments[1] === 'devices') return changeDeviceSide(hub, request, target.segments.slice(2));
  const [, subject = '', name, ...rest] = target.segments;
  if (rest.length > 0 || (name !== undefined) !== (subject === 'identities' && request.method === 'PUT')) {
    throw routeNotFound();
  }
  switch (`${request.method} ${subject}`) {
    case 'GET counters':
      return { status: 200, body: hub.counters.report(hub.store.created, hub.quota, hub.clock.now()) };
    case 'GET faults':
      return { status: 200, body: hub.faults.list() };
    case 'POST faults':
      hub.faults.addJson(await readJsonBody(request, maxAdminBytes));
      return { status: 201, body: hub.faults.list() };
    case 'DELETE faults':
      hub.faults.clear();
      return { status: 204 };
    case 'GET clock':
      return clockResponse(hub);
    case 'PUT clock':
      setTimeScale(hub, await readJsonBody(request, maxAdminBytes));
      return clockResponse(hub);
    case 'GET identities':
      return { status: 200, body: hub.entra.identities.list() };
    case 'PUT identities':
      return assignRoles(hub, name ?? '', await readJsonBody(request, maxAdminBytes));
    case 'GET token':
      return serveTokenRequest(hub.entra, request, target.search, hub.tokenClock.now());
    default:
      throw routeNotFound();
  }
}

async function changeDeviceSide(hub: Hub, request: IncomingMessage, path: readonly string[]): Promise<HubResponse> {
  const [deviceId = '', modules, moduleId] = path;
  const isDevice = path.length === 1;
  const isModule = path.length === 3 && modules === 'modules';
  if (request.method !== 'PATCH' || !(isDevice || isModule)) throw routeNotFound();
  const change = readDeviceSideChange(await readJsonBody(request, maxAdminBytes));
  const state = new HubState(hub.store);
  state.changeDeviceSide(deviceId, moduleId, change);
  return { status: 200, body: state.twin(deviceId, moduleId) };
}

function clockResponse({ clock }: Hub): HubResponse {
  return { status: 200, body: { now: new Date(clock.now()).toISOString(), timeScale: clock.timeScale } };
}

function setTimeScale({ clock }: Hub, body: unknown): void {
  const { timeScale } = requireObject(body, 'The body');
  if (typeof timeScale !== 'number') throw argumentInvalid('timeScale must be a number above 0');
  try {
    clock.setTimeScale(timeScale);
  } catch (error) {
    throw error instanceof RangeError ? argumentInvalid(error.message) : error;
  }
}

function assignRoles({ entra }: Hub, name: string, body: unknown): HubResponse {
  const { roles } = requireObject(body, 'The body');
  if (!Array.isArray(roles) || !roles.every((role): role is RoleName => roleNames.includes(role))) {
    throw argumentInvalid(`roles must be a list of some of: ${roleNames.join(', ')}`);
  }
  return { status: 200, body: entra.identities.assign(roles, name === 'system' ? undefined : name) };
}
