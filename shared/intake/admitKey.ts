import type { DeviceKey } from '../deviceKey.ts';
import type { PendingDevices } from '../storage/queues.ts';
import { inSpan } from '../telemetry/telemetry.ts';
import { type AdmitDeps, admitDevice } from './admitDevice.ts';

/** What `admitKey` needs: the services of the app and the log of the invocation. */
export interface AdmitServices extends Omit<AdmitDeps, 'hub' | 'registry' | 'limiter' | 'eventTime' | 'repairs'> {
  /** By hub name; the hubs in service. */
  hubs: ReadonlyMap<string, Pick<AdmitDeps, 'hub' | 'registry' | 'limiter'>>;
  pending: PendingDevices;
}

/** What is known of an event, beside the key of its device. */
export interface EventFacts extends Pick<AdmitDeps, 'eventTime' | 'repairs'> {}

/**
 * Handles the device of an event, as `admitDevice`. The device of a hub out of service waits in its queue until the settings of
 * the hub are corrected. Throws only if the device could not be made pending.
 */
export async function admitKey(services: AdmitServices, { hub: name, deviceId }: DeviceKey, facts: EventFacts) {
  const hub = services.hubs.get(name);
  if (!hub) {
    const repair = facts.repairs ? { repair: true as const } : {};
    await services.pending.add(name, { deviceId, tries: 0, ...repair }, 0);
    services.log.warn('Device put into the pending queue: its hub is out of service', { hub: name, deviceId });
    return;
  }
  const deps = { ...services, ...hub, ...facts };
  const attributes = { hub: name, deviceId };
  await inSpan(services.telemetry, 'admit device', { attributes }, () => admitDevice(deps, deviceId));
}
