import { app, type InvocationContext } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { admitDevice } from '../shared/intake/admitDevice.ts';
import { eventTimeOf, readDeviceCreated } from '../shared/intake/readDeviceCreated.ts';
import { contextLog } from '../shared/telemetry/log.ts';
import { inSpan } from '../shared/telemetry/telemetry.ts';

/**
 * Event Grid tells of a created device. An event that is not for us is acknowledged without a hub call; a throw would only
 * make Event Grid send it again, up to 30 times. Throws when the device could be neither settled nor kept pending.
 */
export async function deviceCreated(event: unknown, context: InvocationContext): Promise<void> {
  const log = contextLog(context, appHost().telemetry);
  const services = await appHost().app();
  const read = readDeviceCreated(event, services.hubs);
  if ('ignored' in read) {
    log.warn('Event ignored', { why: read.ignored });
    return;
  }
  const hub = services.hubs.get(read.key.hub);
  if (!hub) throw new Error('An event was read for a hub that is not configured.');
  const { deviceId } = read.key;
  const deps = { ...services, ...hub, policy: services.config.policy, log, eventTime: eventTimeOf(event) };
  const attributes = { hub: hub.hub.name, deviceId };
  await inSpan(services.telemetry, 'admit device', { attributes }, () => admitDevice(deps, deviceId));
}

app.eventGrid<unknown>('deviceCreated', { handler: deviceCreated });
