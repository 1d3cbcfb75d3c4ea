import { withTimeout } from '../abort.ts';
import type { Clock } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';
import type { RepairBatch } from '../run/repairBatch.ts';
import type { Leases } from '../storage/leases.ts';
import type { PendingDevices, WakeUps } from '../storage/queues.ts';
import { errorFields, type Log } from '../telemetry/log.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { enqueueWork } from '../worker/enqueueWork.ts';

/** What `leavePending` needs, for one hub and one device. */
export interface PendingDeps {
  hub: HubConfig;
  leases: Pick<Leases, 'isHeld'>;
  pending: PendingDevices;
  wakeUps: WakeUps;
  clock: Clock;
  log: Log;
  telemetry: Telemetry;
  /** The creation time in the device's event; ISO 8601. */
  eventTime?: string | undefined;
  /**
   * Set if an event reports a change of a device that is not new: the app does not wait for tags, leaves out modules that flap,
   * and notes changes as repairs. Undefined for a new device and for a device of a request.
   */
  repairs?: RepairBatch | undefined;
}

/** Time limits of the storage calls, 14 s together. */
const addLimitMs = 8_000;
const readLimitMs = 3_000;
const wakeUpLimitMs = 3_000;

/**
 * Puts the device into the hub's pending queue and sends a wake-up if no worker is active, within 14 s. Throws only if the device
 * could not be added to the queue. `why` is for the log and telemetry.
 */
export async function leavePending(deps: PendingDeps, deviceId: string, delayMs: number, why: string): Promise<void> {
  const { hub, pending, wakeUps, clock, log, telemetry, eventTime, repairs } = deps;
  const traceparent = telemetry.current();
  const origin = { ...(traceparent ? { traceparent } : {}), ...(eventTime ? { eventTime } : {}) };
  const repair = repairs ? { repair: true as const } : {};
  const device = { deviceId, tries: 0, ...repair, ...(traceparent ? { origin } : {}) };
  telemetry.annotate({ outcome: 'pending', reason: why }, false);
  await enqueueWork({
    store: async () => {
      await withTimeout({ limitMs: addLimitMs, what: 'Adding to the pending queue', clock }, () =>
        pending.add(hub.name, device, delayMs),
      );
      log.info('Device put into the pending queue', { hub: hub.name, deviceId, why, delayMs });
    },
    // A paused hub needs no wake-up. A delayed wake-up is always sent: a worker that is active now may have ended by that time.
    isHeld: async () => hub.paused || (delayMs === 0 && (await hasWorker(deps))),
    wake: async () => {
      try {
        await withTimeout({ limitMs: wakeUpLimitMs, what: 'Sending the wake-up', clock }, () =>
          wakeUps.send(hub.name, delayMs),
        );
      } catch (error) {
        // The device is in its queue, and `watchHubs` sends a wake-up within five minutes.
        log.warn('The wake-up could not be sent', { hub: hub.name, ...errorFields(error) });
      }
    },
  });
}

async function hasWorker({ hub, leases, clock, log }: PendingDeps): Promise<boolean> {
  try {
    return await withTimeout({ limitMs: readLimitMs, what: 'The lease check', clock }, () => leases.isHeld(hub.name));
  } catch (error) {
    log.warn('The lease could not be read; a wake-up is sent', { hub: hub.name, ...errorFields(error) });
    return false; // an unneeded wake-up is harmless: its worker finds the lease held and ends
  }
}
