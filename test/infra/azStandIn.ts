import type { Az, AzResult } from '../../scripts/deploy/azCli.ts';

/** What azd hands to its hooks: its own words, and the outputs of main.bicep. */
export const azd = {
  AZURE_ENV_NAME: 'keeper-one',
  AZURE_SUBSCRIPTION_ID: '99999999-8888-7777-6666-555555555555',
  AZURE_LOCATION: 'westeurope',
  KEEPER_PRINCIPAL_ID: '22222222-3333-4444-5555-666666666666',
  KEEPER_RESOURCE_GROUP: 'rg-keeper',
  KEEPER_FUNCTION_APP: 'keeper-abc',
  KEEPER_STORAGE_ACCOUNT: 'keeperabc',
  KEEPER_ACTION_GROUP: 'keeper-abc',
  KEEPER_REPAIR_IN_SECONDS: 'off',
  KEEPER_EVENT_HUB_NAMESPACE: '',
  KEEPER_EVENT_HUB_ID: '',
};

const done: AzResult = { status: 0, stdout: '', stderr: '' };

/** An az whose deployments fail with these texts, one a call, before they succeed; with what was asked, waited and said. */
export function deploymentsFailing(...errors: string[]) {
  const calls: string[][] = [];
  const waits: number[] = [];
  const said: string[] = [];
  const az: Az = async (args) => {
    calls.push([...args]);
    const stderr = errors.shift();
    return stderr === undefined ? done : { status: 1, stdout: '', stderr };
  };
  const sleepSeconds = async (seconds: number) => void waits.push(seconds);
  return { calls, waits, said, deps: { az, sleepSeconds, say: (line: string) => void said.push(line) } };
}

/** The template and its parameters in a call of `az deployment sub create`. */
export function deploymentIn(call: readonly string[] = []) {
  const after = (option: string) => call[call.indexOf(option) + 1];
  const pairs = call.slice(call.indexOf('--parameters') + 1).map((pair) => pair.split('=') as [string, string]);
  return {
    command: call.slice(0, 3).join(' '),
    ...{ name: after('--name'), subscription: after('--subscription'), location: after('--location') },
    ...{ template: after('--template-file'), parameters: Object.fromEntries(pairs) as Record<string, string> },
  };
}

/** An az that answers what `answers` has for the beginning of its arguments; all else fails. */
export function azAnswering(answers: Record<string, unknown>): Az {
  return async (args) => {
    const key = Object.keys(answers).find((begin) => args.join(' ').startsWith(begin));
    if (key === undefined) return { status: 3, stdout: '', stderr: 'ResourceNotFound' };
    return { ...done, stdout: JSON.stringify(answers[key]) };
  };
}
