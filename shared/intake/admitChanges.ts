import { concurrently } from '../concurrently.ts';
import { concernsPolicy } from '../policy/concernsPolicy.ts';
import { RepairBatch } from '../run/repairBatch.ts';
import type { Documents } from '../storage/documents.ts';
import { errorFields } from '../telemetry/log.ts';
import { type AdmitServices, admitKey } from './admitDevice.ts';
import { type IgnoredChange, type ReportedChange, type RoutedEvent, readIdentityChange } from './readIdentityChange.ts';

/** What `admitChanges` needs: the services of the app and the log of the invocation. */
export interface ChangeServices extends AdmitServices {
  hubsByEventName: ReadonlyMap<string, string>;
  documents: Documents;
}

/**
 * Why an event of a batch is ignored. `notOfPolicy`: the change does not concern the policy. `flapping`: the module was repaired
 * so often that now only sweeps repair it.
 */
export type UnusedEvent = IgnoredChange | 'notOfPolicy' | 'flapping';

/**
 * Number of devices handled at the same time: more than the slots of one hub, so that a hub without free slots does not delay
 * others; few enough for storage.
 */
const maxConcurrency = 16;

/** Reasons that are not logged: many events do not concern the policy, and a module that flaps has its own log line. */
const expected: ReadonlySet<UnusedEvent> = new Set(['otherType', 'notOfPolicy', 'flapping']);

/**
 * Handles a batch of events of message routing. Passes each device with an event that concerns the policy once to `admitDevice`.
 * Counts the other events by reason, sends no call for them, and returns the counts. Throws the errors of `PolicyReader.current`,
 * and the error of `admitDevice` if a device could not be made pending, after it has handled all devices. An invalid event is
 * counted and causes no error.
 */
export async function admitChanges(
  services: ChangeServices,
  events: readonly RoutedEvent[],
): Promise<ReadonlyMap<UnusedEvent, number>> {
  const { log, telemetry } = services;
  const { devices, unused, repairs } = await sort(services, events);
  for (const [why, count] of unused) telemetry.count('keeper.ignored_events', count, { why });
  const unexpected = [...unused].filter(([why]) => !expected.has(why));
  if (unexpected.length > 0) log.warn('Events ignored', Object.fromEntries(unexpected));

  const failures: unknown[] = [];
  await concurrently(devices.values(), maxConcurrency, async (change) => {
    const { key, eventTime } = change;
    try {
      await admitKey(services, key, { repairs: isNewDevice(change) ? undefined : repairs.get(key.hub), eventTime });
    } catch (error) {
      log.error('Device could not be made pending', { ...key, ...errorFields(error) });
      failures.push(error);
    }
  });
  for (const batch of repairs.values()) await batch.save();
  if (failures.length > 0) throw failures[0];
  return unused;
}

/**
 * Returns one change for each device, its creation or else the first one of the batch; the counts of ignored events; and the
 * repairs by hub. Reads the policy only if an event is from a configured hub, and the list of repairs only if an event concerns
 * the policy.
 */
async function sort(services: ChangeServices, events: readonly RoutedEvent[]) {
  const { hubsByEventName, policies, log } = services;
  const changes: ReportedChange[] = [];
  const devices = new Map<string, ReportedChange>();
  const repairs = new Map<string, RepairBatch>();
  const unused = new Map<UnusedEvent, number>();
  const leaveOut = (why: UnusedEvent) => unused.set(why, (unused.get(why) ?? 0) + 1);
  for (const event of events) {
    const read = readIdentityChange(event, hubsByEventName);
    if ('ignored' in read) leaveOut(read.ignored);
    else changes.push(read.change);
  }
  if (changes.length === 0) return { devices, unused, repairs };
  const { policy } = await policies.current(log);
  for (const change of changes) {
    const { hub, deviceId } = change.key;
    const name = `${hub}/${deviceId}`; // a hub's name has no slash
    if (!concernsPolicy(change, policy)) {
      leaveOut('notOfPolicy');
      continue;
    }
    const batch = repairs.get(hub) ?? (await RepairBatch.begin(services, hub));
    repairs.set(hub, batch);
    if (change.moduleId !== undefined && batch.isFlapping({ deviceId, moduleId: change.moduleId }))
      leaveOut('flapping');
    else if (!devices.has(name) || isNewDevice(change)) devices.set(name, change);
  }
  return { devices, unused, repairs };
}

function isNewDevice({ what, moduleId }: ReportedChange): boolean {
  return what === 'created' && moduleId === undefined;
}
