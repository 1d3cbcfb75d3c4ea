import { TimeLimitError } from '../../shared/abort.ts';
import type { Clock, Random } from '../../shared/clock.ts';
import type { AppProcess } from './appProcess.ts';

const secondMs = 1_000;
/** Event Grid waits so long for a response. */
const responseMs = 30 * secondMs;
/** It delivers again after these delays, the last one for ever. */
const againAfterMs = [10 * secondMs, 30 * secondMs, 60 * secondMs];
const lastMs = 300 * secondMs;

interface Delivery {
  clock: Clock;
  random: Random;
  /** The instances that could receive it now. */
  alive(): readonly AppProcess[];
  /** Whether storage was out at any time since then, so that no instance could acknowledge. */
  wasOutSince(fromMs: number): boolean;
  /** Receives the errors of deliveries; the end of a time limit is none. */
  onError(error: unknown): void;
}

/** Delivers the event of a new device until an instance acknowledges it. Returns when the acknowledged delivery began. */
export async function deliverEvent(delivery: Delivery, hub: string, deviceId: string): Promise<number> {
  for (let attempt = 0; ; attempt++) {
    const fromMs = delivery.clock.elapsedMs();
    if (await deliverOnce(delivery, hub, deviceId)) return fromMs;
    await delivery.clock.sleep(againAfterMs[attempt] ?? lastMs);
  }
}

async function deliverOnce({ clock, random, alive, wasOutSince, onError }: Delivery, hub: string, deviceId: string) {
  const fromMs = clock.elapsedMs();
  const instances = alive();
  const instance = instances[Math.floor(random() * instances.length)];
  if (!instance) return false;
  const acknowledged = instance.admit(hub, deviceId).then(
    () => true,
    (error: unknown) => {
      if (!(error instanceof TimeLimitError)) onError(error);
      return false;
    },
  );
  const isAcknowledged = await Promise.race([acknowledged, clock.sleep(responseMs).then(() => false)]);
  if (!isAcknowledged && instance.isAlive && !wasOutSince(fromMs)) {
    onError(new Error(`An instance that lives did not acknowledge the event of ${deviceId}.`));
  }
  return isAcknowledged;
}
