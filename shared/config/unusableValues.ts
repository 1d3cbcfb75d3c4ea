import { settingNames } from './settingNames.ts';
import type { Report, Settings } from './settings.ts';

/** Whether a value is a Key Vault reference. The platform replaces a reference by the secret, unless it cannot resolve it. */
export function isKeyVaultReference(text: string): boolean {
  return /^@Microsoft\.KeyVault\(/i.test(text);
}

/** Reports every setting whose value is an unresolved Key Vault reference, and returns the names of these settings. */
export function reportKeyVaultReferences(settings: Settings, report: Report): ReadonlySet<string> {
  const unresolved = settingNames.filter((name) => isKeyVaultReference(settings[name] ?? ''));
  for (const name of unresolved) report(name, unresolvedReference);
  return new Set(unresolved);
}

const unresolvedReference =
  "is a Key Vault reference that the platform did not resolve: check that the app's identity may read the secret (role Key Vault Secrets User), that keyVaultReferenceIdentity names it if it is user-assigned, that the network settings of the vault let the app in, and the name of the secret";

/** Whether a hub has the host name or the key of the placeholder in local.settings.sample.json. */
export function isSampleHub(hostName: string, connectionString = ''): boolean {
  return /^your-hub\./i.test(hostName) || connectionString.endsWith(`=${sampleKey}`);
}

const sampleKey = 'cmVwbGFjZS13aXRoLXRoZS1rZXktb2YteW91ci1odWI=';

const proxySettings = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'];

/** Warns if a proxy is set, because only the identity and telemetry SDKs use it (docs/settings.md, "Network"). */
export function warnOfProxy(env: Readonly<Record<string, string | undefined>>, warn: Report): void {
  const name = proxySettings.flatMap((one) => [one, one.toLowerCase()]).find((one) => env[one]?.trim());
  if (name === undefined) return;
  warn(
    name,
    'is not used for calls to hubs and storage, which go out directly; only requests for tokens and telemetry use it. With a managed identity, NO_PROXY must contain the host of IDENTITY_ENDPOINT',
  );
}
