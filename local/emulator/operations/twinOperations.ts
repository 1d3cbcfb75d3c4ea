import { DeviceRow, type ModuleRow } from '../state/identityRow.ts';
import { twinJson } from '../state/twinJson.ts';
import { twinEtag } from '../state/twinRecord.ts';
import { requireObject } from '../wire/bodyFields.ts';
import type { HubResponse } from '../wire/hubResponse.ts';
import { matches, readIfMatch } from '../wire/ifMatch.ts';
import { twinEtagMismatch } from '../wire/preconditions.ts';
import { findTwinOwner } from './findIdentity.ts';
import type { HubCall, Operation } from './operation.ts';
import { readTwinChange } from './twinBody.ts';

export const getTwin: Operation = {
  name: 'getTwin',
  throttle: 'twinRead',
  right: 'ServiceConnect',
  dataActions: ['twins/read'],
  charged: true,
  hasBody: false,
  run: (call) => twinResponse(findTwinOwner(call)),
};

/** Merges objects recursively; null deletes a member; arrays are replaced. */
export const patchTwin: Operation = {
  name: 'patchTwin',
  throttle: 'twinWrite',
  right: 'ServiceConnect',
  dataActions: ['twins/write'],
  charged: true,
  hasBody: true,
  run: (call) => changeTwin(call, false),
};

/** Replaces tags and desired properties; only the device writes reported properties. */
export const putTwin: Operation = {
  name: 'putTwin',
  throttle: 'twinWrite',
  right: 'ServiceConnect',
  dataActions: ['twins/write'],
  charged: true,
  hasBody: true,
  run: (call) => changeTwin(call, true),
};

function changeTwin(call: HubCall, replace: boolean): HubResponse {
  const row = findTwinOwner(call);
  const change = readTwinChange(requireObject(call.body, 'The body'), replace);
  const ifMatch = readIfMatch(call.headers['if-match']);
  if (!matches(ifMatch, twinEtag(row.twin?.revision ?? 1))) throw twinEtagMismatch(call.deviceId);
  call.store.changeTwin(row, change);
  return twinResponse(row);
}

const twinResponse = (row: DeviceRow | ModuleRow): HubResponse => ({
  status: 200,
  body: twinJson(row, row instanceof DeviceRow ? [] : ['capabilities']),
});
