import type { Az } from './azCli.ts';

export interface Deployment {
  /** Name of the deployment. */
  name: string;
  subscription: string;
  location: string;
  /** File in `infra/`. */
  template: string;
  parameters: Readonly<Record<string, string>>;
}

export interface DeployDeps {
  az: Az;
  sleepSeconds: (seconds: number) => Promise<void>;
  say: (line: string) => void;
}

/**
 * Waits between tries. Their sum is more than the ten minutes that a role may take to become effective (Microsoft: "Troubleshoot
 * Azure RBAC"). A new function or a new identity takes less.
 */
const waitsSeconds = [30, 60, 120, 180, 300];

/**
 * Errors that another try does not change: codes of Azure Resource Manager (Microsoft: "Resolve errors for resource deployment") and
 * of Bicep, and the errors of az without a login. After every other error there is another try.
 */
const permanent = [
  /\((Linked)?AuthorizationFailed\)|"code": ?"(Linked)?AuthorizationFailed"/,
  /InvalidTemplate|InvalidDeployment|InvalidRequestContent|MultipleErrorsOccurred.*InvalidTemplate/,
  /SubscriptionNotFound|ResourceGroupNotFound|MissingSubscriptionRegistration|NoRegisteredProviderFound/,
  /RequestDisallowedByPolicy|ScopeLocked|RoleAssignmentLimitExceeded|QuotaExceeded/,
  /ResourceNotFound[\s\S]*Microsoft\.(Devices\/IotHubs|EventGrid\/systemTopics)/i,
  /Only one system topic is allowed per source/i,
  /\bError BCP\d+/,
  /az login|ExpiredAuthenticationToken|InvalidAuthenticationToken|AADSTS\d+/,
];

/** Whether another try may succeed after this error text. */
export function mayPass(errorText: string): boolean {
  return !permanent.some((pattern) => pattern.test(errorText));
}

/** Deploys a template to a subscription. Tries again while the error may pass. Returns whether it is deployed. */
export async function deployTemplate(deployment: Deployment, deps: DeployDeps): Promise<boolean> {
  const { name, subscription, location, template, parameters } = deployment;
  const args = [
    ...['deployment', 'sub', 'create', '--name', name, '--subscription', subscription, '--location', location],
    ...['--template-file', template, '--output', 'none', '--parameters'],
    ...Object.entries(parameters).map(([key, value]) => `${key}=${value}`),
  ];
  return azUntilDone(args, deps);
}

/** Calls az, and again while the error may pass. Returns whether it succeeded. */
export async function azUntilDone(args: readonly string[], { az, sleepSeconds, say }: DeployDeps): Promise<boolean> {
  for (const waitSeconds of [...waitsSeconds, undefined]) {
    const { status, stderr } = await az(args);
    if (status === 0) return true;
    say(stderr.trim());
    if (!mayPass(stderr) || waitSeconds === undefined) return false;
    say(`That may pass: the next try is in ${waitSeconds} s.`);
    await sleepSeconds(waitSeconds);
  }
  return false;
}
