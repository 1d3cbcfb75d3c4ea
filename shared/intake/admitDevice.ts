import { TimeLimitError, withTimeout } from '../abort.ts';
import type { DeviceKey } from '../deviceKey.ts';
import { isHubError } from '../hub/hubError.ts';
import type { Registry } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { atOpenWaves, hasRollout, type RolloutStates } from '../policy/rollout.ts';
import { policyReadsTags } from '../policy/selectSpec.ts';
import { NoPolicyError, type PolicyReader } from '../policyStore/policyReader.ts';
import { type ModuleOutcome, outcomeFacts } from '../reconcile/outcome.ts';
import { reconcileDevice } from '../reconcile/reconcileDevice.ts';
import { recordDevice } from '../reconcile/recordOutcomes.ts';
import type { Leases } from '../storage/leases.ts';
import type { PendingDevices } from '../storage/queues.ts';
import { errorFields } from '../telemetry/log.ts';
import { inSpan } from '../telemetry/telemetry.ts';
import type { IntakeLimiter } from './intakeLimiter.ts';
import { leavePending, type PendingDeps } from './leavePending.ts';
import { tryNow } from './tryNow.ts';

/** What `admitDevice` needs, for one hub and one event. */
export interface AdmitDeps extends PendingDeps {
  registry: Registry;
  policies: PolicyReader;
  limiter: IntakeLimiter;
  /** Shows whether the hub is idle; its results may be one second old. */
  cachedLeases: Pick<Leases, 'isHeld'>;
  /** Whether the headroom of the hub is so small that only its worker may create modules; the result may be one minute old. */
  isNearlyFull(hub: string): Promise<boolean>;
  /** The state of the hub's rollouts; the result may be one minute old. */
  rollouts(hub: string): Promise<RolloutStates | undefined>;
}

/** What `admitKey` needs: the services of the app and the log of the invocation. */
export interface AdmitServices extends Omit<AdmitDeps, 'hub' | 'registry' | 'limiter' | 'eventTime' | 'repairs'> {
  /** The hubs in service, by hub name. */
  hubs: ReadonlyMap<string, Pick<AdmitDeps, 'hub' | 'registry' | 'limiter'>>;
  pending: PendingDevices;
}

/** What is known about an event, beside the key of its device. */
export interface EventFacts extends Pick<AdmitDeps, 'eventTime' | 'repairs'> {}

/** Tags are set after the device is created, so a policy that reads tags waits this long before it reads the device. */
const tagsSettleMs = 60_000;

/**
 * Time limits of the storage calls. The longest path takes 29 s: 3 s for policy and headroom, 4 s for the lease, 3 s for the
 * rollouts, 5 s for `tryNow`, 14 s for `leavePending`. Event Grid counts a delivery as failed after 30 s without a response
 * (Microsoft, Event Grid message delivery and retry).
 */
const idleCheckLimitMs = 4_000;
const readLimitMs = 3_000;

/**
 * Handles the device of an event with `admitDevice`. If its hub is out of service, the device waits in the hub's pending queue
 * until the settings of the hub are corrected. Throws only if the device could not be made pending.
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

/**
 * Handles one device of an event: reconciles it at once if the hub is idle. If that is not possible or an outcome is not final,
 * puts the device into the hub's pending queue. Resolves within 29 s. Throws only if the device could not be made pending, so that
 * the event is sent again.
 */
export async function admitDevice(deps: AdmitDeps, deviceId: string): Promise<void> {
  const { hub, log } = deps;
  if (hub.paused) return leavePending(deps, deviceId, 0, 'paused');
  // Both reads run at the same time: together they take at most `readLimitMs`, which is the limit of `policies` too.
  const [policy, full] = await Promise.all([policyNow(deps), isFull(deps)]);
  if (!policy) return leavePending(deps, deviceId, 0, 'noPolicy');
  if (policyReadsTags(policy) && !deps.repairs) return leavePending(deps, deviceId, tagsSettleMs, 'tagsSettle');
  if (full) return leavePending(deps, deviceId, 0, 'hubNearlyFull');
  if (!(await isIdle(deps))) return leavePending(deps, deviceId, 0, 'workerActive');
  const reason = await reconcileNow(deps, await atWavesOf(deps, policy), deviceId);
  if (reason === undefined) return;
  log.info('The device could not be reconciled at once', { hub: hub.name, deviceId, reason });
  return leavePending(deps, deviceId, 0, reason);
}

/** Tries to reconcile the device once. Returns undefined if every outcome is final, else the reason why the device must wait. */
async function reconcileNow(deps: AdmitDeps, policy: Policy, deviceId: string): Promise<string | undefined> {
  const { hub, log, clock, repairs } = deps;
  const wanted = repairs?.policyFor(deviceId, policy) ?? policy;
  let outcomes: ModuleOutcome[];
  try {
    outcomes = await tryNow({ ...deps, hub: hub.name }, (registry) =>
      reconcileDevice(registry, wanted, deviceId, clock.now()),
    );
    repairs?.add(deviceId, outcomes);
  } catch (error) {
    if (isHubError(error) || error instanceof TimeLimitError) return error.message;
    log.error('Reconciling at once failed', { hub: hub.name, deviceId, at: clock.now(), ...errorFields(error) });
    return 'error';
  }
  for (const { moduleId, outcome, reason } of outcomes) {
    log.info('Outcome for one module of a device', { hub: hub.name, deviceId, moduleId, outcome, reason });
  }
  const notFinal = outcomes.find(({ outcome }) => !outcomeFacts[outcome].final);
  if (!notFinal) recordDevice(deps, { hub: hub.name, path: 'event' }, outcomes, deps.eventTime);
  return notFinal && (notFinal.reason ?? notFinal.outcome);
}

/** The policy; undefined if none is known. The device then becomes pending, and the worker reads the policy again. */
async function policyNow({ hub, policies, log }: AdmitDeps): Promise<Policy | undefined> {
  try {
    return (await policies.current(log)).policy;
  } catch (error) {
    const why = error instanceof NoPolicyError ? { reason: error.message } : errorFields(error);
    log.warn('There is no policy yet; the device goes through the queue', { hub: hub.name, ...why });
    return undefined;
  }
}

/** The policy with the open waves. If storage fails, with the first waves; the next sweep reconciles the other devices. */
async function atWavesOf({ hub, rollouts, clock, log }: AdmitDeps, policy: Policy): Promise<Policy> {
  if (!hasRollout(policy)) return policy;
  try {
    const limit = { limitMs: readLimitMs, what: 'Reading the hub document', clock };
    return atOpenWaves(policy, await withTimeout(limit, () => rollouts(hub.name)));
  } catch (error) {
    log.warn('The rollouts of the hub could not be read; only devices of the first wave are served at once', {
      hub: hub.name,
      ...errorFields(error),
    });
    return policy;
  }
}

/** Whether only the worker may create modules. True if storage fails: the device then becomes pending. */
async function isFull({ hub, isNearlyFull, clock, log }: AdmitDeps): Promise<boolean> {
  try {
    return await withTimeout({ limitMs: readLimitMs, what: 'Reading the hub document', clock }, () =>
      isNearlyFull(hub.name),
    );
  } catch (error) {
    log.warn('The hub document could not be read; the device goes through the queue', {
      hub: hub.name,
      ...errorFields(error),
    });
    return true;
  }
}

/** Whether no worker holds the hub's lease. False if storage fails: the pending queue is the safer path. */
async function isIdle({ hub, cachedLeases, clock, log }: AdmitDeps): Promise<boolean> {
  try {
    return !(await withTimeout({ limitMs: idleCheckLimitMs, what: 'The lease check', clock }, () =>
      cachedLeases.isHeld(hub.name),
    ));
  } catch (error) {
    log.warn('The lease could not be read; the device goes through the queue', {
      hub: hub.name,
      ...errorFields(error),
    });
    return false;
  }
}
