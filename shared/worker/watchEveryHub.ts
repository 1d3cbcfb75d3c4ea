import { withTimeout } from '../abort.ts';
import type { Random } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';
import { eachHub } from '../eachHub.ts';
import { startOwedSweep } from '../run/dueSweep.ts';
import { storageErrorFields } from '../storage/storageStatus.ts';
import { recordHubGauges } from './hubGauges.ts';
import { type WatchDeps, watchHub } from './watch.ts';

/** What the watch of all hubs needs. */
export interface WatchEveryHubDeps extends Omit<WatchDeps, 'hub'> {
  hubs: readonly HubConfig[];
  /** The hubs with wrong settings; an entry without a name that can be read has none. */
  outOfService: readonly { name?: string }[];
  random: Random;
  /** When the nightly sweep runs: an NCRONTAB expression with seconds, UTC. */
  schedule: string;
  /** Whether the operator has disabled `nightlySweep`: then no sweep is owed. */
  isSweepDisabled: boolean;
}

/**
 * Time limit of one round, less than the function timeout (10 min). It may be more than the 5 min between rounds, because the host
 * starts no round while another one runs.
 */
const withinMs = 480_000;
const poisonLimitMs = 30_000;
/** Stands for the hub of an entry of `HUBS` whose name cannot be read; no hub has such a name. */
const namelessEntry = '(entry without a name)';

/**
 * One round of the watch: on each hub, starts the sweep that the schedule owes, sends a wake-up if one is missing, and records
 * the gauges, also that of hubs out of service. A failure of one step or hub does not affect the others. Throws `AggregateError`
 * at the end if any failed.
 */
export async function watchEveryHub(deps: WatchEveryHubDeps): Promise<void> {
  const { hubs, outOfService, clock, log, telemetry } = deps;
  for (const { name: hub = namelessEntry } of outOfService) telemetry.gauge('keeper.hub_out_of_service', 1, { hub });
  const failures: unknown[] = [];
  const onFailure = (hub: HubConfig, error: unknown) => {
    log.error('The check of a hub failed', { hub: hub.name, ...storageErrorFields(error) });
    failures.push(error);
  };
  const what = 'The check of a hub';
  await eachHub(
    hubs,
    { clock, withinMs, what },
    async (hub) => {
      for (const step of [startIfOwed, watchHub, recordGauges]) {
        try {
          await step({ ...deps, hub });
        } catch (error) {
          onFailure(hub, error);
        }
      }
    },
    onFailure,
  );
  try {
    await withTimeout({ limitMs: poisonLimitMs, what: 'The look at the poison queue', clock }, () =>
      lookForPoison(deps),
    );
  } catch (error) {
    log.error('The poison queue could not be read; the next watch tries again', storageErrorFields(error));
    failures.push(error);
  }
  if (failures.length > 0) throw new AggregateError(failures, `The check of hubs failed ${failures.length} times.`);
}

/**
 * Reports messages that stay in the poison queue: the host moves a message there at once if it is not base64, and does not run
 * `hubWorkFailed` for it (measured, host 4.1037).
 */
async function lookForPoison({ wakeUps, telemetry, log }: WatchEveryHubDeps): Promise<void> {
  const count = await wakeUps.poisonedCount();
  telemetry.gauge('keeper.poisoned_wake_ups', count, {});
  if (count > 0)
    log.error('The poison queue has messages that no function can read', { queue: 'hub-work-poison', count });
}

type StepDeps = WatchEveryHubDeps & { hub: HubConfig };

async function startIfOwed(deps: StepDeps): Promise<void> {
  const { hub, schedule, isSweepDisabled: isDisabled, wakeUps, log } = deps;
  if (hub.paused) return;
  const wake = () => wakeUps.send(hub.name, 0);
  const started = await startOwedSweep(deps, { hub: hub.name, schedule, isDisabled, wake });
  if (!started) return;
  const { runId, dueMs } = started;
  log.warn('The watch started an overdue sweep', { hub: hub.name, runId, due: new Date(dueMs).toISOString() });
}

async function recordGauges(deps: StepDeps): Promise<void> {
  await recordHubGauges(deps, deps.hub);
}
