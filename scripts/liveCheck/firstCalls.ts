import { adviceOfFailure } from './advice.ts';
import { errorNameOf, shortly } from './hubCalls.ts';
import type { ScratchDevice } from './scratchDevice.ts';
import { Unsettled } from './unsettled.ts';

/** The check cannot run on this hub, or with this access. The message says what to check. */
export class CannotRun extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CannotRun';
  }
}

/**
 * The first call: reads the scratch device, which no hub has. Throws `CannotRun` unless the answer is the hub's 404, so that nothing
 * is written to something that is no hub, or that does not know this access.
 */
export async function expectEmptyPlace(device: ScratchDevice): Promise<void> {
  const reply = await answered(() => device.getDevice());
  if (reply.status === 404 && ['DeviceNotFound', '404001'].includes(errorNameOf(reply) ?? '')) return;
  if (reply.status === 401 || reply.status === 403) throw new CannotRun(noRight('to read devices', reply, device));
  throw new CannotRun(
    `The first call was to be answered with 404 DeviceNotFound, not with ${shortly(reply)}. This is no IoT hub, or something ` +
      'between here and the hub answers for it. Check the host name, and proxies. Nothing was written.',
  );
}

/** Makes the scratch device and shows that this access may do all that the probes do. Throws `CannotRun` and `Unsettled`. */
export async function makeScratchDevice(device: ScratchDevice): Promise<void> {
  const made = await answered(() => device.createDevice());
  if (made.status !== 200) throw new CannotRun(noRight('to create a device', made, device));
  device.readableAfterMs = await device.pollUntil(async () => (await device.getDevice()).status === 200);
  if (device.readableAfterMs === undefined)
    throw new CannotRun('The scratch device was made, but cannot be read by id.');
  const queried = await answered(() => device.query('SELECT status FROM devices', { 'x-ms-max-item-count': '1' }));
  if (queried.status !== 200) throw new CannotRun(noRight('to query', queried, device));
  const module = await answered(() => device.putModule('live-check-first'));
  if (module.status !== 200) throw new CannotRun(noRight('to create a module', module, device));
}

/** Without an answer there is nothing to check. */
async function answered<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Unsettled) throw new CannotRun(`${sentence(error.message)} ${adviceOfFailure(error.code)}`);
    throw error;
  }
}

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function noRight(what: string, reply: Parameters<typeof shortly>[0], device: ScratchDevice): string {
  const name = errorNameOf(reply);
  const refused = `The hub refused ${what}: ${shortly(reply)}.`;
  if (name === 'OperationNotAvailableInCurrentTier' || name === '403010')
    return `${refused} Hubs of the Basic tier have no modules; use one of the Free or Standard tier.`;
  if (reply.status !== 401 && reply.status !== 403) return refused;
  return device.accessKind === 'sas'
    ? `${refused} Check that the key is current and belongs to this hub, and that the policy has registry read, registry write and ` +
        'service connect, as iothubowner has.'
    : `${refused} Check that the identity has the role IoT Hub Data Contributor on this hub; a new role takes some minutes.`;
}
