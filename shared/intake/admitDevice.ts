import { withTimeout } from '../abort.ts';
import type { Clock } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';
import { isHubError } from '../hub/hubError.ts';
import type { IntakeBucket } from '../hub/intakeBucket.ts';
import type { Registry } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { policyReadsTags } from '../policy/selectSpec.ts';
import { type ModuleOutcome, outcomeFacts } from '../reconcile/outcome.ts';
import { reconcileDevice } from '../reconcile/reconcileDevice.ts';
import { recordDevice } from '../reconcile/recordOutcomes.ts';
import type { Leases } from '../storage/leases.ts';
import type { PendingDevices, WakeUps } from '../storage/queues.ts';
import { errorFields, type Log } from '../telemetry/log.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { enqueueWork } from '../worker/enqueueWork.ts';
import { tryNow } from './tryNow.ts';

export interface AdmitDeps {
  hub: HubConfig;
  registry: Registry;
  policy: Policy;
  bucket: IntakeBucket;
  /** The leases as the calm check sees them; its answers may be a second old. */
  cachedLeases: Pick<Leases, 'isHeld'>;
  leases: Pick<Leases, 'isHeld'>;
  /** Whether only the owner's places under the hub's cap are left, as its worker found within the last minute or so. */
  isNearlyFull(hub: string): Promise<boolean>;
  pending: PendingDevices;
  wakeUps: WakeUps;
  clock: Clock;
  log: Log;
  telemetry: Telemetry;
  /** When the device's event says that it was created; ISO 8601. */
  eventTime?: string | undefined;
}

/** Tags are set after creation, so a policy that reads them looks at a new device only then (design section 5). */
const tagsSettleMs = 60_000;

/**
 * How long each step with storage may take. With the 5 s of `tryNow` they sum to 26 s, whatever storage does: Event Grid
 * takes an answer that is not there after 30 s for a failure (its delivery and retry page).
 */
const idleCheckLimitMs = 4_000;
const addLimitMs = 8_000;
const lookLimitMs = 3_000;
const wakeUpLimitMs = 3_000;

/**
 * Takes in one created device: reconciles it at once if the hub is calm, else leaves it to the hub's worker. Returns
 * once the device is settled or safely pending; throws only when neither could be reached, so that it comes again. Takes
 * less than 28 s.
 */
export async function admitDevice(deps: AdmitDeps, deviceId: string): Promise<void> {
  const { hub, policy, log } = deps;
  if (hub.paused) return leavePending(deps, deviceId, 0, 'paused');
  if (policyReadsTags(policy)) return leavePending(deps, deviceId, tagsSettleMs, 'tagsSettle');
  if (await isFull(deps)) return leavePending(deps, deviceId, 0, 'hubNearlyFull');
  if (!(await isIdle(deps))) return leavePending(deps, deviceId, 0, 'workerActive');
  const reason = await reconcileNow(deps, deviceId);
  if (reason === undefined) return;
  log.info('The device could not be settled at once', { hub: hub.name, deviceId, reason });
  return leavePending(deps, deviceId, 0, reason);
}

/** Undefined once there is a verdict about this device; else why there is none. */
async function reconcileNow(deps: AdmitDeps, deviceId: string): Promise<string | undefined> {
  const { hub, policy, log, clock } = deps;
  let outcomes: ModuleOutcome[];
  try {
    outcomes = await tryNow({ ...deps, hub: hub.name }, policy.length, (registry) =>
      reconcileDevice(registry, policy, deviceId),
    );
  } catch (error) {
    if (isHubError(error)) return error.message;
    log.error('Reconciling at once failed', { hub: hub.name, deviceId, at: clock.now(), ...errorFields(error) });
    return 'error';
  }
  for (const { moduleId, outcome, reason } of outcomes) {
    log.info('Device reconciled', { hub: hub.name, deviceId, moduleId, outcome, reason });
  }
  const unsettled = outcomes.find(({ outcome }) => !outcomeFacts[outcome].settled);
  if (!unsettled) recordDevice(deps, { hub: hub.name, path: 'event' }, outcomes, deps.eventTime);
  return unsettled && (unsettled.reason ?? unsettled.outcome);
}

/** If storage does not tell, the worker finds out: its hub document is read again there. */
async function isFull({ hub, isNearlyFull, clock, log }: AdmitDeps): Promise<boolean> {
  try {
    return await withTimeout({ limitMs: lookLimitMs, what: 'The hub document', clock }, () => isNearlyFull(hub.name));
  } catch (error) {
    log.warn('The hub document could not be read', { hub: hub.name, ...errorFields(error) });
    return true;
  }
}

/** Nobody works on the hub, as far as storage tells; if it does not, the queue is the safer place. */
async function isIdle({ hub, cachedLeases, clock, log }: AdmitDeps): Promise<boolean> {
  try {
    return !(await withTimeout({ limitMs: idleCheckLimitMs, what: 'The look at the lease', clock }, () =>
      cachedLeases.isHeld(hub.name),
    ));
  } catch (error) {
    log.warn('The lease could not be looked at', { hub: hub.name, ...errorFields(error) });
    return false;
  }
}

async function leavePending(deps: AdmitDeps, deviceId: string, delayMs: number, why: string): Promise<void> {
  const { hub, pending, wakeUps, clock, log, telemetry, eventTime } = deps;
  const traceparent = telemetry.current();
  const origin = { ...(traceparent ? { traceparent } : {}), ...(eventTime ? { eventTime } : {}) };
  const device = { deviceId, tries: 0, ...(traceparent ? { origin } : {}) };
  telemetry.annotate({ outcome: 'pending', reason: why }, false);
  await enqueueWork({
    store: async () => {
      await withTimeout({ limitMs: addLimitMs, what: 'The pending queue', clock }, () =>
        pending.add(hub.name, device, delayMs),
      );
      log.info('Device pending', { hub: hub.name, deviceId, why, delayMs });
    },
    // A paused hub needs no ring, and one for later must come whoever works now.
    isHeld: async () => hub.paused || (delayMs === 0 && (await hasWorker(deps))),
    wake: async () => {
      try {
        await withTimeout({ limitMs: wakeUpLimitMs, what: 'The wake-up', clock }, () =>
          wakeUps.send(hub.name, delayMs),
        );
      } catch (error) {
        // The device is safe in its queue, and the watch wakeUps within five minutes.
        log.warn('The wake-up could not be sent', { hub: hub.name, ...errorFields(error) });
      }
    },
  });
}

async function hasWorker({ hub, leases, clock, log }: AdmitDeps): Promise<boolean> {
  try {
    return await withTimeout({ limitMs: lookLimitMs, what: 'The look at the lease', clock }, () =>
      leases.isHeld(hub.name),
    );
  } catch (error) {
    log.warn('The lease could not be looked at', { hub: hub.name, ...errorFields(error) });
    return false; // a ring too many wakes nobody but a worker that finds the lease taken
  }
}
