import { deviceJson, identityEtag } from '../state/identityJson.ts';
import type { DeviceRow } from '../state/identityRow.ts';
import { requireId, requireObject, requireSameId } from '../wire/bodyFields.ts';
import { readIfMatch } from '../wire/ifMatch.ts';
import type { JsonObject } from '../wire/jsonObject.ts';
import { argumentInvalid, deviceNotFound } from '../wire/refusals.ts';
import { findDevice } from './findIdentity.ts';
import { readDeviceSpec } from './identityBody.ts';
import { requireDeleteCondition, requireIdentityEtag } from './identityPrecondition.ts';
import type { HubCall, Operation } from './operation.ts';

/** The longest list; there are no further pages (Microsoft: identity registry page). */
const maxListed = 1000;

export const getDevice: Operation = {
  name: 'getDevice',
  throttle: 'registry',
  right: 'RegistryRead',
  dataActions: ['devices/read'],
  hasBody: false,
  run: (call) => deviceResponse(call, findDevice(call)),
};

export const putDevice: Operation = {
  name: 'putDevice',
  throttle: 'registry',
  right: 'RegistryWrite',
  dataActions: ['devices/write'],
  hasBody: true,
  run: (call) => {
    requireId(call.deviceId, 'The device id');
    const body = requireObject(call.body, 'The body');
    requireSameId(body, 'deviceId', call.deviceId);
    const spec = readDeviceSpec(call.deviceId, body);
    const ifMatch = readIfMatch(call.headers['if-match']);
    if (ifMatch.kind === 'none') {
      return deviceResponse(call, call.store.createDevice({ ...spec, announce: true }), true);
    }
    const row = call.store.table.get(call.deviceId);
    if (!row) throw deviceNotFound(call.deviceId);
    requireIdentityEtag(ifMatch, row);
    call.store.replaceDevice(row, spec);
    return deviceResponse(call, row);
  },
};

export const deleteDevice: Operation = {
  name: 'deleteDevice',
  throttle: 'registry',
  right: 'RegistryWrite',
  dataActions: ['devices/delete'],
  hasBody: false,
  run: (call) => {
    requireId(call.deviceId, 'The device id');
    const row = call.store.table.get(call.deviceId);
    if (!row) throw deviceNotFound(call.deviceId);
    requireDeleteCondition(readIfMatch(call.headers['if-match']), row);
    call.store.deleteDevice(row);
    return { status: 204 };
  },
};

export const listDevices: Operation = {
  name: 'listDevices',
  throttle: 'registry',
  right: 'RegistryRead',
  dataActions: ['devices/read'],
  hasBody: false,
  run: (call) => {
    const { table, secret } = call.store;
    const top = readTop(call.search.get('top'));
    const listed: JsonObject[] = [];
    for (let position = 0; position < table.endPosition && listed.length < top; position += 1) {
      const row = table.at(position);
      if (row && row.ghostUntilMs === undefined && call.store.isReadable(row)) listed.push(deviceJson(row, secret));
    }
    return { status: 200, body: listed };
  },
};

/** Whole numbers outside 1 to 1000 count as 1000 (Microsoft: swagger of the service API); other texts are unproven. */
function readTop(text: string | null): number {
  if (text === null) return maxListed;
  if (!/^-?\d+$/.test(text)) throw argumentInvalid('top must be a whole number');
  const top = Number(text);
  return top < 1 || top > maxListed ? maxListed : top;
}

function deviceResponse(call: HubCall, row: DeviceRow, isCreateResponse = false) {
  const headers = { etag: `"${identityEtag(row)}"` };
  return { status: 200, headers, body: deviceJson(row, call.store.secret, isCreateResponse) };
}
