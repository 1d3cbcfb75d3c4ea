import type { App } from '../app.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { atOpenWaves, hasRollout } from '../policy/rollout.ts';
import type { Log } from '../telemetry/log.ts';

/** Returns the policy in force, with the open waves of a hub. Throws as `PolicyReader.current`, and what storage throws. */
export async function policyOfHub(
  { policies, rollouts }: Pick<App, 'policies' | 'rollouts'>,
  hub: string,
  log: Log,
): Promise<Policy> {
  const { policy } = await policies.current(log);
  return hasRollout(policy) ? atOpenWaves(policy, await rollouts(hub)) : policy;
}
