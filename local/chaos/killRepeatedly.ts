import type { Clock } from '../../shared/clock.ts';
import type { Cloud } from '../cloud.ts';
import { repeatableRandom } from '../repeatableRandom.ts';
import { breakDeadLease } from './breakDeadLease.ts';
import { hasEnded, type SweepClient, type SweepView, untilRun } from './sweepClient.ts';

/**
 * The watch gives a run up when it was woken three times without a new checkpoint, which takes a quarter of an hour of
 * nothing but crashes. Here it is called after every kill, so every so many lives one lasts until it has written.
 */
const livesPerCheckpoint = 3;
const checkpointWithinMs = 60_000;

export interface KillOptions {
  seed: number;
  kills: number;
  /** How long a host lives at most before it is killed. */
  lifeMs: number;
  hubName: string;
  clock: Clock;
  sweeps: SweepClient;
  runId: string;
  afterKill(): void;
  say(line: string): void;
}

/** Kills the app's host at random moments and starts it anew, until the run has ended or has seen enough; answers how often. */
export async function killOften(cloud: Cloud, options: KillOptions): Promise<number> {
  const { seed, kills, lifeMs, hubName, clock, sweeps, runId, afterKill, say } = options;
  const random = repeatableRandom(seed);
  for (let kill = 0; kill < kills; kill++) {
    const { checkpointAt } = await sweeps.read(runId);
    if (kill % livesPerCheckpoint === livesPerCheckpoint - 1) {
      const isSo = (run: SweepView) => hasEnded(run) || run.checkpointAt !== checkpointAt;
      await untilRun('it had a new checkpoint', isSo, { sweeps, runId, clock, limitMs: checkpointWithinMs });
    }
    await clock.sleep(random() * lifeMs);
    if (hasEnded(await sweeps.read(runId))) return kill;
    await cloud.host.kill('SIGKILL');
    await breakDeadLease(cloud.storageConnectionString, hubName);
    afterKill();
    await cloud.restartHost();
    await sweeps.watch();
    say(`seed ${seed}: kill ${kill + 1} with ${cloud.emulator.counters().modulesCreated} modules on the hub`);
  }
  return kills;
}
