/*
 * A child process that makes registry calls as the product does, since trust in a test's certificate can only be given
 * to a process at its start (`NODE_EXTRA_CA_CERTS`). Reads one JSON call a line, writes one JSON answer a line, and ends
 * with its standard input. What must not come out of the gate is looked for here, in the living objects.
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
  /** Texts of which no part may come out. */
  secrets: string[];
  /** How many times getting a credential fails before it succeeds. */
  credentialFailures: number;
}

export type ProbeMethod = Exclude<keyof Registry, 'reachesDisabledDevices' | 'tierHasModules'>;

export interface ProbeCall {
  id: number;
  method: ProbeMethod;
  args: unknown[];
}

export interface ProbeAnswer {
  id: number;
  result?: unknown;
  error?: { isHubError: boolean; kind?: string; status?: number; code?: string; trackingId?: string; message: string };
  /** Where in the answer a secret was found. */
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
  void answer(call).then((given) => process.stdout.write(`${JSON.stringify(given)}\n`));
});

async function answer({ id, method, args }: ProbeCall): Promise<ProbeAnswer> {
  try {
    const work = registry[method] as (...values: unknown[]) => Promise<unknown>;
    const result = await work(...args);
    return { id, result, leaks: findSecrets(result, options.secrets) };
  } catch (error) {
    const { kind, status, code, trackingId, message } = error as HubError;
    const told = { kind, status, code, trackingId, message } as NonNullable<ProbeAnswer['error']>;
    return {
      id,
      error: { ...told, isHubError: error instanceof HubError },
      leaks: findSecrets(error, options.secrets),
    };
  }
}
