import { readBulkVerdicts } from '../../../shared/hub/bulkVerdicts.ts';
import type { ModuleCreation, ModuleName } from '../../../shared/hub/registry.ts';
import { asExpected, type Claim, different, noOption } from '../claim.ts';
import type { HubReply } from '../httpExchange.ts';
import { shortly } from '../hubCalls.ts';
import { Unsettled } from '../unsettled.ts';

export const bulkCreateWithoutKeys: Claim = {
  id: 'bulk-create-without-keys',
  claim: 'a bulk create of a module with `authentication: {"type":"sas"}` and no keys',
  source: 'recorded is one without `authentication`',
  expected: 'the module is made, and the hub generates its keys',
  otherwise: 'sends each module of a refused bulk call singly',
  async probe(device) {
    const moduleId = 'live-check-bulk';
    const made = await device.bulkCreate([{ deviceId: device.own.scratch, moduleId }]);
    const change = noOption('operations/bulkAction.ts');
    if (made.status !== 200 || !isSuccessful(made)) return different(`refused: ${shortly(made)}`, change);
    const read = await device.getModule(moduleId);
    if (read.status !== 200) return different(`200, then ${shortly(read)} for the module`, change);
    return hasKeys(read)
      ? asExpected('200, and the module has two keys')
      : different('200, and the module has no keys', change);
  },
};

export const bulkErrorsById: Claim = {
  id: 'bulk-errors-by-id',
  claim: 'the 400 of a bulk create in which an existing module, a new one and one on a missing device stand',
  source: 'shape from the service Swagger; unproven',
  expected: 'an entry for the existing module and one for the missing device, each with its ids and error',
  otherwise: 'looks up by id each identity that the answer does not name',
  async probe(device) {
    const { scratch, missing } = device.own;
    await device.makeModule('live-check-existing');
    const entries: ModuleName[] = [
      { deviceId: scratch, moduleId: 'live-check-existing' },
      { deviceId: scratch, moduleId: 'live-check-new' },
      { deviceId: missing, moduleId: 'live-check-new' },
    ];
    const reply = await device.bulkCreate(entries);
    const seen = verdictsOf(entries, reply);
    const isExpected = reply.status === 400 && seen.join() === 'exists,not named,deviceNotFound';
    const text = `${shortly(reply)}; existing: ${seen[0]}, new: ${seen[1]}, on a missing device: ${seen[2]}`;
    return isExpected ? asExpected(text) : different(text, noOption('operations/bulkRegistry.ts'));
  },
};

export const bulkOthersAreMade: Claim = {
  id: 'bulk-others-are-made',
  claim: 'a new module in a bulk create that is refused with 400 for an existing one',
  source: 'unproven',
  expected: 'is made',
  otherwise: 'looks it up by id, and creates it again',
  async probe(device) {
    const [existing, fresh] = ['live-check-twice', 'live-check-beside'];
    await device.makeModule(existing);
    const reply = await device.bulkCreate(
      [existing, fresh].map((moduleId) => ({ deviceId: device.own.scratch, moduleId })),
    );
    const change = noOption('operations/bulkRegistry.ts');
    if (reply.status !== 400) return different(`the call was answered with ${shortly(reply)}`, change);
    const read = await device.getModule(fresh);
    if (read.status === 200) return asExpected(`${shortly(reply)}, and the new module is there`);
    if (read.status !== 404) throw new Unsettled(`the new module could not be read: ${shortly(read)}`);
    return different(`${shortly(reply)}, and the new module is not there (${shortly(read)})`, change);
  },
};

/** What the keeper reads from the answer for each entry. */
function verdictsOf(entries: readonly ModuleName[], { body }: HubReply): string[] {
  const creations: ModuleCreation[] = entries.map((entry) => ({ ...entry, authentication: 'sas' }));
  const verdicts = readBulkVerdicts(creations, JSON.stringify(body ?? ''));
  return entries.map((_, index) => {
    const verdict = verdicts?.[index] ?? 'unknown';
    if (typeof verdict === 'object') return verdict.refused;
    return verdict === 'unknown' ? 'not named' : verdict;
  });
}

const isSuccessful = ({ body }: HubReply) => (body as { isSuccessful?: unknown } | undefined)?.isSuccessful === true;

function hasKeys({ body }: HubReply): boolean {
  const { authentication } = (body ?? {}) as { authentication?: { symmetricKey?: Record<string, unknown> } };
  const { primaryKey, secondaryKey } = authentication?.symmetricKey ?? {};
  return [primaryKey, secondaryKey].every((key) => typeof key === 'string' && key !== '');
}
