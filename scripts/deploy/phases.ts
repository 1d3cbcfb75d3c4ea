import type { HubEntry } from './askHubs.ts';
import { type DeployDeps, deployTemplate } from './deployTemplate.ts';
import { addRoutes } from './routes.ts';

/** The environment variables that azd sets for its hooks: its own ones, and the outputs of main.bicep. */
export type Env = Readonly<Record<string, string | undefined>>;

/** Returns the value; throws if azd did not set it, which it does after provisioning. */
function need(env: Env, name: string): string {
  const value = env[name];
  if (value === undefined || value === '') {
    throw new Error(`${name} is not set. Let azd run this (azd hooks run …) after azd provision.`);
  }
  return value;
}

function target(env: Env, what: string) {
  return {
    name: `module-keeper-${what}-${need(env, 'AZURE_ENV_NAME')}`,
    subscription: need(env, 'AZURE_SUBSCRIPTION_ID'),
    location: need(env, 'AZURE_LOCATION'),
  };
}

/** Phase two, before the code: the roles of the keeper on its hubs. Returns whether all are assigned. Throws without azd's variables. */
export async function grant(env: Env, deps: DeployDeps): Promise<boolean> {
  const parameters = { principalId: need(env, 'KEEPER_PRINCIPAL_ID') };
  const done = await deployTemplate({ ...target(env, 'access'), template: 'access.bicep', parameters }, deps);
  deps.say(
    done
      ? 'The keeper has its roles on the hubs of hubs.json.'
      : 'The keeper may not use its hubs. Correct the cause above, then: azd hooks run postprovision, and azd deploy',
  );
  return done;
}

/**
 * Phase three, after the code: the event subscriptions of the hubs, then the alerts on events that Event Grid cannot deliver.
 * Returns whether both are deployed. Throws without azd's variables.
 */
export async function subscribe(env: Env, deps: DeployDeps): Promise<boolean> {
  const [keeperResourceGroup, functionAppName] = [need(env, 'KEEPER_RESOURCE_GROUP'), need(env, 'KEEPER_FUNCTION_APP')];
  const [storageName, actionGroupName] = [need(env, 'KEEPER_STORAGE_ACCOUNT'), need(env, 'KEEPER_ACTION_GROUP')];
  const events = { keeperResourceGroup, functionAppName, storageName };
  if (!(await deployTemplate({ ...target(env, 'events'), template: 'events.bicep', parameters: events }, deps))) {
    deps.say(
      'The keeper has no events; its nightly sweeps do not need them. Correct the cause above, then: azd hooks run postdeploy',
    );
    return false;
  }
  deps.say(`The hubs of hubs.json now send their events to ${functionAppName}.`);
  const alerts = { keeperResourceGroup, functionAppName, actionGroupName };
  const template = 'deadLetters.bicep';
  const done = await deployTemplate({ ...target(env, 'dead-letters'), template, parameters: alerts }, deps);
  deps.say(
    done
      ? 'An event that Event Grid gives up raises an alert.'
      : 'The keeper gets its events, but an event that Event Grid gives up raises no alert. Correct the cause above, then: azd hooks run postdeploy',
  );
  return done;
}

/**
 * After phase three, if the owner chose it (`repairInSeconds`): the routes of the hubs to the keeper's event hub. Returns true if
 * all exist, or if the owner did not choose it. Throws without azd's variables.
 */
export async function route(env: Env, hubs: readonly HubEntry[], deps: DeployDeps): Promise<boolean> {
  const repair = env.KEEPER_REPAIR_IN_SECONDS;
  if (repair !== 'deleted' && repair !== 'deletedAndChanged') return true;
  const failed = await addRoutes(
    hubs,
    {
      repair,
      namespace: need(env, 'KEEPER_EVENT_HUB_NAMESPACE'),
      eventHubId: need(env, 'KEEPER_EVENT_HUB_ID'),
      functionAppName: need(env, 'KEEPER_FUNCTION_APP'),
      subscription: need(env, 'AZURE_SUBSCRIPTION_ID'),
    },
    deps,
  );
  deps.say(
    failed.length === 0
      ? 'The hubs of hubs.json now report what is deleted or changed.'
      : `These hubs do not report what is deleted or changed: ${failed.join(', ')}; the nightly sweeps do not need it. Correct the cause above, then: azd hooks run postdeploy`,
  );
  return failed.length === 0;
}
