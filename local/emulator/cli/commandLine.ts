import { parseArgs, types } from 'node:util';
import { tiers } from '../../../shared/config/tierLimits.ts';
import { type RoleName, roleNames } from '../auth/roles.ts';
import type { EmulatorOptions } from '../emulatorOptions.ts';

/** A parsed command line. `showEntra`: the ready line includes the identity endpoint. */
export type Command =
  | { kind: 'help' }
  | { kind: 'start'; options: EmulatorOptions; devices: number; showEntra?: boolean };

/** The command line is invalid; `message` says what to write instead. */
export class CommandLineError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommandLineError';
  }
}

/** Command line options that are whole numbers, with their names in `EmulatorOptions`. */
const wholeNumbers = {
  units: 'units',
  port: 'port',
  seed: 'seed',
  'query-delay-ms': 'queryDelayMs',
  'ghost-ms': 'ghostMs',
  'readable-after-ms': 'readableAfterMs',
  'max-page-rows': 'maxPageRows',
  'messages-per-day': 'messagesPerDay',
  'job-enqueued-ms': 'jobEnqueuedMs',
  'job-running-ms': 'jobRunningMs',
  'max-identities': 'maxIdentities',
} as const satisfies { [option: string]: keyof EmulatorOptions };

const maxPort = 65_535;

/** Parses the arguments after the script's name. Throws `CommandLineError`. */
export function readCommandLine(args: readonly string[]): Command {
  const values = parse(args);
  if (values.help) return { kind: 'help' };
  const tier = tiers.find((known) => known === (values.tier ?? 'S1').toUpperCase());
  if (!tier) throw new CommandLineError(`--tier must be one of ${tiers.join(', ')}`);
  const options: EmulatorOptions = {
    name: values.name ?? 'contoso',
    tier,
    units: 1,
    port: 8443,
    throttling: !values['no-throttling'],
    ...(values['any-page-size'] ? { fixedPageSize: false } : {}),
  };
  for (const [option, name] of Object.entries(wholeNumbers)) {
    const text = values[option as keyof typeof wholeNumbers];
    const number = wholeNumber(`--${option}`, text, option === 'port' ? maxPort : Number.MAX_SAFE_INTEGER);
    if (number !== undefined) options[name] = number;
  }
  if (values['time-scale'] !== undefined) options.timeScale = readTimeScale(values['time-scale']);
  if (values['entra-roles'] !== undefined) options.entraRoles = readRoles(values['entra-roles']);
  const showEntra = values.entra || values['entra-roles'] !== undefined;
  const devices = wholeNumber('--devices', values.devices) ?? 0;
  return { kind: 'start', options, devices, ...(showEntra ? { showEntra } : {}) };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        ...{ name: text, tier: text, units: text, port: text, seed: text, devices: text },
        ...{ 'query-delay-ms': text, 'ghost-ms': text, 'readable-after-ms': text, 'max-page-rows': text },
        ...{ 'messages-per-day': text, 'job-enqueued-ms': text, 'job-running-ms': text, 'max-identities': text },
        ...{
          'time-scale': text,
          'entra-roles': text,
          entra: flag,
          'no-throttling': flag,
          'any-page-size': flag,
          help: flag,
        },
      },
    });
    return values;
  } catch (error) {
    const isUsageError =
      types.isNativeError(error) && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    throw isUsageError ? new CommandLineError(error.message) : error;
  }
}

function wholeNumber(option: string, text: string | undefined, max = Number.MAX_SAFE_INTEGER): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > max)
    throw new CommandLineError(`${option} must be a whole number from 0 to ${max}`);
  return number;
}

function readTimeScale(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text) || Number(text) === 0) {
    throw new CommandLineError('--time-scale must be a number above 0, such as 60 or 0.5');
  }
  return Number(text);
}

function readRoles(text: string): RoleName[] {
  const names = text.split(',').filter((name) => name.trim() !== '');
  return names.map((name) => {
    const role = roleNames.find((known) => known.toLowerCase() === name.trim().toLowerCase());
    if (!role) throw new CommandLineError(`--entra-roles must be a list of some of: ${roleNames.join(', ')}`);
    return role;
  });
}
