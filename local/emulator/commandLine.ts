import { parseArgs, types } from 'node:util';
import type { Tier } from '../../shared/config/config.ts';
import { tiers } from '../../shared/config/tierLimits.ts';
import type { EmulatorOptions } from './emulatorOptions.ts';

/** What the command line asks for. */
export type Command = { kind: 'help' } | { kind: 'start'; options: EmulatorOptions; devices: number };

/** The command line makes no sense; `message` says what to write instead. */
export class CommandLineError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommandLineError';
  }
}

export const helpText = `IoT Hub emulator: npm run emulator -- [options]

  --port N                    port on 127.0.0.1 (8443; 0 takes any free one)
  --name NAME                 short name of the hub (contoso)
  --tier F1|B1|B2|B3|S1|S2|S3 (S1)
  --units N                   (1)
  --devices N                 devices that are there at the start (0)
  --query-delay-ms N          how late queries see a change (3000)
  --ghost-ms N                how long queries still show what is deleted (as --query-delay-ms)
  --readable-after-ms N       when a new identity can be read by id (0)
  --max-page-rows N           largest query page (1000)
  --no-throttling             hold nothing back, refuse nothing
  --help

When it is ready it prints one line of JSON: {"ready":true,"hostName":…,"connectionString":…,"ca":…}. The connection
string opens this emulator only. Ctrl+C ends it.
`;

/** Reads the arguments after the script's name. Throws a CommandLineError. */
export function readCommandLine(args: readonly string[]): Command {
  const values = parse(args);
  if (values.help) return { kind: 'help' };
  const tier = tiers.find((known) => known === (values.tier ?? 'S1').toUpperCase());
  if (!tier) throw new CommandLineError(`--tier must be one of ${tiers.join(', ')}`);
  const options: EmulatorOptions = {
    name: values.name ?? 'contoso',
    tier: tier satisfies Tier,
    units: wholeNumber('--units', values.units) ?? 1,
    port: wholeNumber('--port', values.port, 65_535) ?? 8443,
    throttling: !values['no-throttling'],
  };
  const queryDelayMs = wholeNumber('--query-delay-ms', values['query-delay-ms']);
  const ghostMs = wholeNumber('--ghost-ms', values['ghost-ms']);
  const readableAfterMs = wholeNumber('--readable-after-ms', values['readable-after-ms']);
  const maxPageRows = wholeNumber('--max-page-rows', values['max-page-rows']);
  if (queryDelayMs !== undefined) options.queryDelayMs = queryDelayMs;
  if (ghostMs !== undefined) options.ghostMs = ghostMs;
  if (readableAfterMs !== undefined) options.readableAfterMs = readableAfterMs;
  if (maxPageRows !== undefined) options.maxPageRows = maxPageRows;
  return { kind: 'start', options, devices: wholeNumber('--devices', values.devices) ?? 0 };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: text,
        name: text,
        tier: text,
        units: text,
        devices: text,
        'query-delay-ms': text,
        'ghost-ms': text,
        'readable-after-ms': text,
        'max-page-rows': text,
        'no-throttling': flag,
        help: flag,
      },
    });
    return values;
  } catch (error) {
    const isTheirs = types.isNativeError(error) && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    throw isTheirs ? new CommandLineError(error.message) : error;
  }
}

function wholeNumber(option: string, text: string | undefined, most = Number.MAX_SAFE_INTEGER): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > most)
    throw new CommandLineError(`${option} must be a whole number from 0 to ${most}`);
  return number;
}
