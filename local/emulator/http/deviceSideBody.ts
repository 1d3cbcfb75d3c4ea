import { readReported } from '../operations/twinBody.ts';
import { connectionStates, type DeviceSideChange } from '../state/deviceSide.ts';
import { requireObject } from '../wire/bodyFields.ts';
import { argumentInvalid } from '../wire/refusals.ts';

const members = ['connectionState', 'reported', 'lastActivityTime'];

/** Reads the body of `PATCH /$emulator/devices/…`: what a device does. Throws a 400 refusal if it is invalid. */
export function readDeviceSideChange(body: unknown): DeviceSideChange {
  const given = requireObject(body, 'The body');
  const unknown = Object.keys(given).find((name) => !members.includes(name));
  if (unknown !== undefined) throw argumentInvalid(`${unknown} is none of: ${members.join(', ')}`);
  const { connectionState: wanted, reported, lastActivityTime } = given;
  const connectionState = connectionStates.find((known) => known === wanted);
  if (wanted !== undefined && !connectionState) {
    throw argumentInvalid(`connectionState must be one of ${connectionStates.join(', ')}`);
  }
  const lastActivityAtMs = typeof lastActivityTime === 'string' ? Date.parse(lastActivityTime) : Number.NaN;
  if (lastActivityTime !== undefined && Number.isNaN(lastActivityAtMs)) {
    throw argumentInvalid('lastActivityTime must be a time in ISO 8601');
  }
  return {
    ...(connectionState ? { connectionState } : {}),
    ...(reported === undefined ? {} : { reported: readReported(reported) }),
    ...(lastActivityTime === undefined ? {} : { lastActivityAtMs }),
  };
}
