import type { DeviceModules } from '../api/deviceSchemas.ts';
import type { HubServices } from '../app.ts';
import { concurrently } from '../concurrently.ts';
import { readDeviceModules } from '../http/deviceModules.ts';
import { problemFor } from '../http/problemFor.ts';
import { checkedDeviceId, hubOf } from '../http/requestParts.ts';
import { isHubError } from '../hub/hubError.ts';
import { namesOfHubs } from './hubsOf.ts';
import { BadArgumentsError, hubArg, type Tool, type ToolServices } from './tool.ts';

/** The largest number of hubs that are asked if none is named; each call is paid from the budget of its hub. */
const maxHubsAsked = 10;

/** Why a device lacks a module, as the hub says now. */
export const whyMissing: Tool<'hub' | 'deviceId'> = {
  name: 'why_is_this_device_missing',
  description:
    'Reads one device from its hub now and tells for each module of the policy whether the device has it, why not, and what to do. Changes nothing.',
  args: {
    hub: { description: `${hubArg.description} Needed if there are more than ${maxHubsAsked}.` },
    deviceId: { description: 'The id of the device. Case matters.', required: true },
  },
  async answer(services, { hub, deviceId }) {
    const id = checkedDeviceId(deviceId);
    const asked = hubsToAsk(services, hub);
    const found: object[] = [];
    const notFoundOn: string[] = [];
    const unknown: object[] = [];
    await concurrently(asked, maxHubsAsked, async (one) => {
      try {
        found.push(view(await readDeviceModules(services, one, id)));
      } catch (error) {
        if (isHubError(error, 'deviceNotFound')) notFoundOn.push(one.hub.name);
        else if (asked.length === 1) throw error;
        else unknown.push({ hub: one.hub.name, why: problemFor(error, services.log).detail });
      }
    });
    return {
      ...{ deviceId: id, found, notFoundOn: notFoundOn.toSorted() },
      ...(unknown.length > 0 ? { unknown } : {}),
      ...(found.length > 0 ? {} : { whatToDo: unknown.length > 0 ? askAgain : checkId }),
    };
  },
};

const checkId = 'No hub that was asked has this device: check its id, whose case matters, and the hub.';
const askAgain =
  'The hubs in notFoundOn do not have this device; those in unknown could not be asked, and why says what to do. Ask again.';

function hubsToAsk(services: ToolServices, name: string | undefined): HubServices[] {
  if (name !== undefined) return [hubOf(services, name)];
  if (services.hubs.size <= maxHubsAsked) return [...services.hubs.values()];
  throw new BadArgumentsError(`Name the hub, one of: ${namesOfHubs(services)}.`);
}

function view({ hub, deviceId, modules }: DeviceModules) {
  return {
    hub,
    modules: modules.map(({ details: _details, ...module }) => module),
    whatToDo: modules.some(({ needs }) => needs !== undefined)
      ? `The next sweep makes the change that needs names; PUT /api/hubs/${hub}/devices/${encodeURIComponent(deviceId)}/modules makes it at once.`
      : 'The advice of each module says what to do. A module without a reason agrees with the policy.',
  };
}
