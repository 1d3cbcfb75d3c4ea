import { parseArgs, types } from 'node:util';
import { hostNameProblem } from '../../shared/config/hubAddress.ts';
import { readHubConnectionString } from '../../shared/config/hubConnectionString.ts';
import { readTokenDomains, tokenHostProblem } from '../../shared/config/tokenDomains.ts';
import type { Claim } from './claim.ts';
import { claims } from './claims.ts';

/** Where to check and what. */
export type Command =
  | { kind: 'help' }
  | ({ kind: 'check'; recordingsFolder: string | undefined; claims: readonly Claim[] } & Target);

type Target = { access: 'sas'; hostName: string; connectionString: string } | { access: 'entra'; hostName: string };

/** The command line is invalid; `message` says what to write instead and quotes no value that may be a key. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** Parses the arguments after the script's name. Throws `UsageError`. */
export function readCommandLine(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Command {
  const values = parse(args);
  if (values.help) return { kind: 'help' };
  const [variable, hub] = [values['connection-string-from'], values.hub];
  if ((variable === undefined) === (hub === undefined))
    throw new UsageError('Write either --connection-string-from NAME (an environment variable) or --hub HOST.');
  const target = variable === undefined ? entraTarget(hub ?? '', env) : sasTarget(variable, env);
  return { kind: 'check', ...target, recordingsFolder: folder(values.recordings), claims: chosen(values.only) };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    const options = {
      'connection-string-from': text,
      hub: text,
      recordings: text,
      only: text,
      help: { type: 'boolean' },
    } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    if (!types.isNativeError(error) || !('code' in error) || !String(error.code).startsWith('ERR_PARSE_ARGS'))
      throw error;
    // Node's text quotes the argument, which may be a connection string that stands in the wrong place.
    const named = /'(--?[a-z-]{1,40})/.exec(error.message)?.[1];
    throw new UsageError(named ? `${named} is unknown here or lacks its value.` : 'The arguments cannot be read.');
  }
}

function sasTarget(variable: string, env: Readonly<Record<string, string | undefined>>): Target {
  if (!/^[A-Za-z_]\w{0,100}$/.test(variable)) {
    throw new UsageError(
      '--connection-string-from takes the name of an environment variable, such as HUB, not the connection string: that would stay in ' +
        "the shell's history.",
    );
  }
  const value = env[variable];
  if (value === undefined || value.trim() === '')
    throw new UsageError(`The environment variable ${variable} is not set.`);
  const read = readHubConnectionString(value);
  if (!read.ok) throw new UsageError(`The value of ${variable} ${read.message}.`);
  const problem = hostNameProblem(read.hostName);
  if (problem !== undefined) throw new UsageError(`HostName in ${variable}: ${problem}.`);
  return { access: 'sas', hostName: read.hostName, connectionString: read.connectionString };
}

function entraTarget(host: string, env: Readonly<Record<string, string | undefined>>): Target {
  const problem = hostNameProblem(host);
  if (problem !== undefined) throw new UsageError(`--hub: ${problem}.`);
  const domains = readTokenDomains(env.HUB_TOKEN_DOMAINS, (setting, message) => {
    throw new UsageError(`${setting}: ${message}.`);
  });
  const tokenProblem = tokenHostProblem(host, domains);
  if (tokenProblem !== undefined) throw new UsageError(`--hub: the host ${tokenProblem}.`);
  return { access: 'entra', hostName: host };
}

function folder(text: string | undefined): string | undefined {
  if (text?.trim() === '') throw new UsageError('--recordings takes the path of a folder.');
  return text;
}

function chosen(text: string | undefined): readonly Claim[] {
  if (text === undefined) return claims;
  const ids = text.split(',').map((id) => id.trim());
  const unknown = ids.some((id) => !claims.some((claim) => claim.id === id));
  if (unknown)
    throw new UsageError(`--only takes some of these, separated by commas: ${claims.map(({ id }) => id).join(', ')}`);
  return claims.filter(({ id }) => ids.includes(id));
}

/** What `--help` prints. */
export const helpText = `Checks on a real IoT hub what docs/status.md lists as unproven: npm run live-check -- [options]

  --connection-string-from NAME  environment variable with the connection string of a policy such as iothubowner
  --hub HOST                     instead: host name of the hub, with DefaultAzureCredential of @azure/identity (az login);
                                 needs the role IoT Hub Data Contributor
  --recordings DIR               folder for the sanitized recordings (out/live-check)
  --only LIST                    some of the claims, separated by commas
  --help

It makes one device, keeper-live-check-…, and removes it, also after Ctrl+C and after errors. It changes nothing else on the hub,
and sends at most 200 calls. Read docs/liveCheck.md first.

Exit code: 0 nothing that was settled differs; 1 something differs; 2 the check, or a part of it, was not possible.

Claims: ${claims.map(({ id }) => id).join(', ')}
`;
