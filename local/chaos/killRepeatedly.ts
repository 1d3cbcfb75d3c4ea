import type { Clock } from '../../shared/clock.ts';
import type { Cloud } from '../cloud.ts';
import { repeatableRandom } from '../repeatableRandom.ts';
import { breakDeadLease, sendGuard } from './deadWorker.ts';
import { hasEnded, type SweepClient, type SweepView, untilRun } from './sweepClient.ts';

/**
 * `watchHubs` ends a run whose workers died three times in a row without a new checkpoint. So before every third kill the hosts may
 * run until the run has a new checkpoint.
 */
const killsPerCheckpoint = 3;
/** Only a hang exceeds this limit: the lease of a killed process may last for another minute. */
const checkpointLimitMs = 300_000;

/** How often and when to kill. */
export interface KillRepeatedlyOptions {
  seed: number;
  kills: number;
  /** Longest time until the hosts are killed. */
  lifeMs: number;
  hubName: string;
  clock: Clock;
  sweeps: SweepClient;
  runId: string;
  afterKill(): void;
  writeLine(line: string): void;
}

/**
 * Kills and restarts the hosts of all instances at random moments, `kills` times or until the run has ended. Returns the number of
 * kills.
 */
export async function killRepeatedly(cloud: Cloud, options: KillRepeatedlyOptions): Promise<number> {
  const { seed, kills, lifeMs, hubName, clock, sweeps, runId, afterKill, writeLine } = options;
  const random = repeatableRandom(seed);
  for (let kill = 0; kill < kills; kill++) {
    const { checkpointAt } = await sweeps.read(runId);
    if (kill % killsPerCheckpoint === killsPerCheckpoint - 1) {
      const isDone = (run: SweepView) => hasEnded(run) || run.checkpointAt !== checkpointAt;
      await untilRun('it has a new checkpoint', isDone, { sweeps, runId, clock, limitMs: checkpointLimitMs });
    }
    await clock.sleep(random() * lifeMs);
    if (hasEnded(await sweeps.read(runId))) return kill;
    await cloud.killHosts();
    await breakDeadLease(cloud.storageConnectionString, hubName);
    afterKill();
    await sendGuard(cloud.storageConnectionString, hubName);
    await cloud.restartHosts();
    writeLine(`seed ${seed}: kill ${kill + 1} with ${cloud.emulator.counters().modulesCreated} modules on the hub`);
  }
  return kills;
}
