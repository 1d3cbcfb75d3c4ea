import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { askHubs, type HubEntry } from './deploy/askHubs.ts';
import { azIn } from './deploy/azCli.ts';
import { grant, route, subscribe } from './deploy/phases.ts';
import { refusalOfDown } from './deploy/refuseDown.ts';

// The hooks that azd runs before and after its steps (azure.yaml), the same on every system. Exit code 1 makes azd stop.
const infra = join(import.meta.dirname, '../infra');
const az = azIn(infra);
const { env } = process;
const say = (line: string) => void process.stdout.write(`${line}\n`);
const complain = (line: string) => void process.stderr.write(`${line}\n`);
const deps = { az, sleepSeconds: async (seconds: number) => void (await setTimeout(seconds * 1000)), say };

const readHubs = () => JSON.parse(readFileSync(join(infra, 'hubs.json'), 'utf8')) as HubEntry[];

const hooks: Record<string, () => Promise<boolean>> = {
  ask: async () => {
    const hubs = readHubs();
    const { problems, warnings } = await askHubs(hubs, env.AZURE_SUBSCRIPTION_ID, az);
    for (const warning of warnings) complain(`Warning: ${warning}`);
    for (const problem of problems) complain(problem);
    if (problems.length === 0) say(`Hubs of hubs.json that can be kept: ${hubs.map(({ name }) => name).join(', ')}.`);
    return problems.length === 0;
  },
  grant: () => grant(env, deps),
  subscribe: async () => {
    const isSubscribed = await subscribe(env, deps);
    return (await route(env, readHubs(), deps)) && isSubscribed;
  },
  refuseDown: async () => {
    complain(refusalOfDown(env));
    return false;
  },
};

try {
  const hook = hooks[process.argv[2] ?? ''];
  if (hook === undefined) throw new Error(`The hooks are ${Object.keys(hooks).join(', ')}.`);
  process.exitCode = (await hook()) ? 0 : 1;
} catch (error) {
  complain(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
