/*
 * A child process that makes registry calls as the product does, because Node reads trusted certificates only at the start of
 * a process (`NODE_EXTRA_CA_CERTS`). Reads one JSON call per line, writes one JSON result per line, and ends with its standard
 * input. It searches results and errors for secrets itself, because hidden members would not survive JSON.
 */
import { createInterface } from 'node:readline';
import type { TokenCredential } from '@azure/identity';
import type { HubConfig } from '../../../shared/config/config.ts';
import { azureRegistry } from '../../../shared/hub/azureRegistry.ts';
import { HubError } from '../../../shared/hub/hubError.ts';
import type { Registry } from '../../../shared/hub/registry.ts';
import { findSecrets } from './findSecrets.ts';

export interface ProbeOptions {
  hub: HubConfig;
  idleTimeoutMs: number;
  /** Secrets that no result and no error may hold. */
  secrets: string[];
  /** How often getting a credential fails before it succeeds. */
  credentialFailures: number;
}

export type ProbeMethod = Exclude<keyof Registry, 'reachesDisabledDevices' | 'tierHasModules'>;

export interface ProbeCall {
  id: number;
  method: ProbeMethod;
  args: unknown[];
}

export interface ProbeResult {
  id: number;
  result?: unknown;
  error?: { isHubError: boolean; kind?: string; status?: number; code?: string; trackingId?: string; message: string };
  /** Paths in the result or error where a secret was found. */
  leaks: string[];
}

const options = JSON.parse(process.argv[2] ?? '') as ProbeOptions;
let credentialFailures = options.credentialFailures;

async function credential(): Promise<TokenCredential> {
  if (credentialFailures-- > 0) throw Object.assign(new Error('no'), { name: 'CredentialUnavailableError' });
  return { getToken: async () => ({ token: 'entra-token', expiresOnTimestamp: Date.now() + 3_600_000 }) };
}

const registry = azureRegistry(options.hub, credential, options.idleTimeoutMs);

createInterface({ input: process.stdin }).on('line', (line) => {
  const call = JSON.parse(line) as ProbeCall;
  void run(call).then((result) => process.stdout.write(`${JSON.stringify(result)}\n`));
});

async function run({ id, method, args }: ProbeCall): Promise<ProbeResult> {
  try {
    const work = registry[method] as (...values: unknown[]) => Promise<unknown>;
    const result = await work(...args);
    return { id, result, leaks: findSecrets(result, options.secrets) };
  } catch (error) {
    const { kind, status, code, trackingId, message } = error as HubError;
    const failure = { kind, status, code, trackingId, message } as NonNullable<ProbeResult['error']>;
    return {
      id,
      error: { ...failure, isHubError: error instanceof HubError },
      leaks: findSecrets(error, options.secrets),
    };
  }
}
