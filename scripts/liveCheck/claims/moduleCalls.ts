import { asExpected, type Claim, different, noOption } from '../claim.ts';
import type { HubReply } from '../httpExchange.ts';
import { errorNameOf, shortly } from '../hubCalls.ts';
import type { ScratchDevice } from '../scratchDevice.ts';
import { Unsettled } from '../unsettled.ts';

export const missingDevice: Claim = {
  id: 'module-on-missing-device',
  claim: 'a module create on a device that does not exist',
  source: 'seen once, by others',
  expected: 'SAS: 401; Entra ID: 404',
  otherwise: 'reads the device by id to tell a missing one from a refused key',
  async probe(device) {
    const reply = await device.putModule('live-check-orphan', device.own.missing);
    return judged(device, reply, { sas: 401, entra: 404 });
  },
};

export const disabledDevice: Claim = {
  id: 'module-on-disabled-device',
  claim: 'a module create on a disabled device',
  source: 'seen once, by others',
  expected: 'SAS: 401; Entra ID: 200',
  otherwise: 'reads the device by id to tell why',
  async probe(device) {
    const disabled = await device.setStatus('disabled');
    if (disabled.status !== 200) throw new Unsettled(`the device could not be disabled: ${shortly(disabled)}`);
    const reply = await device.putModule('live-check-on-disabled');
    const enabled = await device.setStatus('enabled');
    if (enabled.status !== 200) throw new Unsettled(`the device could not be enabled again: ${shortly(enabled)}`);
    return judged(device, reply, { sas: 401, entra: 200 });
  },
};

export const existingModule: Claim = {
  id: 'existing-module',
  claim: 'the body of the 409 for a module that exists',
  source: 'seen once, by others',
  expected: '409 ModuleAlreadyExistsOnDevice, flat body with errorCode 409301',
  otherwise: 'takes a 409 without a code for this one, and one with another code for a failure',
  async probe(device) {
    await device.makeModule('live-check-conflict');
    const reply = await device.putModule('live-check-conflict');
    const { errorCode } = (reply.body ?? {}) as { errorCode?: unknown };
    const seen = `${shortly(reply)}, ${errorCode === 409301 ? 'flat body with errorCode 409301' : membersOf(reply.body)}`;
    const isExpected = errorNameOf(reply) === 'ModuleAlreadyExistsOnDevice' && errorCode === 409301;
    return reply.status === 409 && isExpected ? asExpected(seen) : different(seen, noOption('wire/refusals.ts'));
  },
};

function judged(device: ScratchDevice, reply: HubReply, expected: { sas: number; entra: number }) {
  const access = device.accessKind === 'sas' ? 'SAS' : 'Entra ID';
  const seen = `${access}: ${shortly(reply)}`;
  return reply.status === expected[device.accessKind]
    ? asExpected(seen)
    : different(seen, noOption('operations/findIdentity.ts'));
}

/** The names in an error body, which contain nothing of the hub. */
function membersOf(body: unknown): string {
  if (typeof body !== 'object' || body === null) return 'no JSON object';
  return `body with ${Object.keys(body)
    .filter((name) => /^\w{1,40}$/.test(name))
    .join(', ')}`;
}
