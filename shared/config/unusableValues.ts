import { settingNames } from './settingNames.ts';
import type { Report, Settings } from './settings.ts';

/** Whether the platform left a reference to a secret as it was written. */
export function isKeyVaultReference(text: string): boolean {
  return /^@Microsoft\.KeyVault\(/i.test(text);
}

/** Returns the settings whose value is an unresolved reference to a secret, after it reported each. */
export function reportKeyVaultReferences(settings: Settings, report: Report): ReadonlySet<string> {
  const unresolved = settingNames.filter((name) => isKeyVaultReference(settings[name] ?? ''));
  for (const name of unresolved) report(name, unresolvedReference);
  return new Set(unresolved);
}

const unresolvedReference =
  "is a Key Vault reference that the platform did not resolve: check that the app's identity may read the secret (role Key Vault Secrets User), that keyVaultReferenceIdentity names it if it is user-assigned, that the network settings of the vault let the app in, and the name of the secret";

/** Whether a hub is that of local.settings.sample.json, by its host name or by its key. */
export function isSampleHub(hostName: string, connectionString = ''): boolean {
  return /^your-hub\./i.test(hostName) || connectionString.endsWith(`=${sampleKey}`);
}

const sampleKey = 'cmVwbGFjZS13aXRoLXRoZS1rZXktb2YteW91ci1odWI=';

const proxySettings = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'];

/** Warns of a proxy: only the identity and telemetry SDKs use it (docs/settings.md, "Network"). */
export function warnOfProxy(env: Readonly<Record<string, string | undefined>>, warn: Report): void {
  const name = proxySettings.flatMap((one) => [one, one.toLowerCase()]).find((one) => env[one]?.trim());
  if (name === undefined) return;
  warn(
    name,
    'is not used for calls to hubs and storage, which go out directly; only requests for tokens and telemetry use it. With a managed identity, NO_PROXY must contain the host of IDENTITY_ENDPOINT',
  );
}
