import { app, type InvocationContext } from '@azure/functions';
import { appHost } from '../shared/app.ts';
import { admitKey } from '../shared/intake/admitDevice.ts';
import { eventTimeOf, readDeviceCreated } from '../shared/intake/readDeviceCreated.ts';
import { contextLog } from '../shared/telemetry/log.ts';

/**
 * Handles a DeviceCreated event of Event Grid. An event that is not for this app is acknowledged without a call to a hub,
 * because after an error Event Grid would send the event again, up to 30 times. Throws if the device can neither be reconciled
 * nor be made pending, so that Event Grid sends the event again. If the hub is out of service, the device waits in the hub's
 * pending queue until the settings of the hub are corrected.
 */
export async function deviceCreated(event: unknown, context: InvocationContext): Promise<void> {
  const log = contextLog(context, appHost().telemetry);
  const services = await appHost().app();
  const read = readDeviceCreated(event, services.hubsByEventName);
  if ('ignored' in read) {
    if (read.ignored === 'unknownHub') appHost().unknownHubEvents++;
    services.telemetry.count('keeper.ignored_events', 1, { why: read.ignored });
    log.warn('Event ignored', { why: read.ignored });
    return;
  }
  await admitKey({ ...services, log }, read.key, { eventTime: eventTimeOf(event) });
}

app.eventGrid<unknown>('deviceCreated', { handler: deviceCreated });
