import { moduleJson } from '../state/identityJson.ts';
import { requireId, requireObject, requireSameId } from '../wire/bodyFields.ts';
import { readIfMatch } from '../wire/ifMatch.ts';
import { argumentInvalid, systemModule } from '../wire/refusals.ts';
import { findDeviceForModules, findModule } from './findIdentity.ts';
import { readModuleSpec } from './identityBody.ts';
import { requireDeleteCondition, requireIdentityEtag } from './identityPrecondition.ts';
import type { Operation } from './operation.ts';

export const getModule: Operation = {
  name: 'getModule',
  throttle: 'registry',
  right: 'RegistryRead',
  dataActions: ['devices/read'],
  hasBody: false,
  run: (call) => ({ status: 200, body: moduleJson(findModule(call), call.store.secret) }),
};

export const putModule: Operation = {
  name: 'putModule',
  throttle: 'registry',
  right: 'RegistryWrite',
  dataActions: ['devices/write'],
  hasBody: true,
  run: (call) => {
    const device = findDeviceForModules(call);
    requireId(call.moduleId, 'The module id');
    const body = requireObject(call.body, 'The body');
    requireSameId(body, 'deviceId', call.deviceId);
    requireSameId(body, 'moduleId', call.moduleId);
    const spec = readModuleSpec(call.moduleId, body);
    const ifMatch = readIfMatch(call.headers['if-match']);
    if (ifMatch.kind === 'none') {
      requireUserModuleId(call.moduleId);
      return { status: 200, body: moduleJson(call.store.createModule(device, spec), call.store.secret, true) };
    }
    const row = findModule(call);
    requireUserModule(row.moduleId);
    requireIdentityEtag(ifMatch, row);
    call.store.replaceModule(row, spec);
    return { status: 200, body: moduleJson(row, call.store.secret) };
  },
};

export const deleteModule: Operation = {
  name: 'deleteModule',
  throttle: 'registry',
  right: 'RegistryWrite',
  dataActions: ['devices/delete'],
  hasBody: false,
  run: (call) => {
    const row = findModule(call);
    requireUserModule(row.moduleId);
    requireDeleteCondition(readIfMatch(call.headers['if-match']), row);
    call.store.deleteModule(row);
    return { status: 204 };
  },
};

export const listModules: Operation = {
  name: 'listModules',
  throttle: 'registry',
  right: 'RegistryRead',
  dataActions: ['devices/read'],
  hasBody: false,
  run: (call) => {
    const rows = findDeviceForModules(call).modules.filter((row) => call.store.isReadable(row));
    return { status: 200, body: rows.map((row) => moduleJson(row, call.store.secret)) };
  },
};

/** Throws a 400 refusal for ids that begin with `$`: they are reserved for the service. */
export function requireUserModuleId(moduleId: string): void {
  if (moduleId.startsWith('$')) throw argumentInvalid('A module id must not begin with $');
}

/** Throws the hub's 401 for modules of the service itself: callers may not change or delete them. */
export function requireUserModule(moduleId: string): void {
  if (moduleId.startsWith('$')) throw systemModule(moduleId);
}
