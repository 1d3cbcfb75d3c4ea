import { type Check, failureOfCode } from '../../shared/transportFailure.ts';

const adviceOfCheck: Record<Check, string> = {
  hostName: 'Check the host name, that the hub still exists, and the DNS of this machine.',
  certificate:
    'The certificate is not trusted. Check the host name; where a proxy or firewall opens TLS connections, or for the emulator, name ' +
    'the file with the certificate authority in NODE_EXTRA_CA_CERTS.',
  clock: 'The certificate has expired or is not valid yet. Check the clock of this machine.',
  proxy:
    'Something else than a hub seems to answer. Check host name and port, and any proxy on the way; HTTPS_PROXY is not used.',
  identity:
    'Sign in (az login), or set what DefaultAzureCredential of @azure/identity reads, such as AZURE_CLIENT_ID, AZURE_TENANT_ID and ' +
    'AZURE_CLIENT_SECRET.',
};

/** What to check after a failure without a usable response. */
export function adviceOfFailure(code: string | undefined): string {
  const check = code === undefined ? undefined : failureOfCode(code)?.check;
  return check === undefined
    ? "Check that this machine reaches the hub on port 443, and that the hub's network rules let it in; then try again."
    : adviceOfCheck[check];
}
