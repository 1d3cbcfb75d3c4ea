import { type ParseArgsConfig, parseArgs, types } from 'node:util';
import { distance } from 'fastest-levenshtein';
import { type FileKind, fileKinds } from './check/checkFile.ts';
import { usageError } from './cliError.ts';
import type { SizeOptions } from './commands/size.ts';
import { helpText } from './helpText.ts';
import { type OutputForm, outputForms } from './output/answer.ts';

/** A command with its arguments. */
export type Command =
  | { name: 'help' }
  | ({ output: OutputForm } & (
      | { name: 'status'; minCoveragePercent: number }
      | { name: 'hubs' }
      | { name: 'sweep'; hubs: string[]; dryRun: boolean; wait: boolean }
      | { name: 'plan'; hubs: string[]; all: boolean; exitCode: boolean }
      | { name: 'failures'; hub: string | undefined; runId: string | undefined }
      | { name: 'why'; deviceId: string; hub: string | undefined }
      | { name: 'cancel'; hub: string; runId: string | undefined }
      | { name: 'undo'; hub: string; runId: string; wait: boolean }
      | { name: 'check'; file: string; kind: FileKind | undefined }
      | { name: 'size'; of: SizeOptions }
      | { name: 'sizingTable' }
    ));

const flag = { type: 'boolean', default: false } as const;
const text = { type: 'string' } as const;
type Options = NonNullable<ParseArgsConfig['options']>;

/** The options of each command, and the least and greatest number of its arguments. */
const commands = {
  status: { options: { 'min-coverage': text }, least: 0, most: 0 },
  hubs: { options: {}, least: 0, most: 0 },
  sweep: { options: { 'dry-run': flag, wait: flag }, least: 0, most: Number.POSITIVE_INFINITY },
  plan: { options: { all: flag, 'exit-code': flag }, least: 0, most: Number.POSITIVE_INFINITY },
  failures: { options: {}, least: 0, most: 2 },
  why: { options: { hub: text }, least: 1, most: 1 },
  cancel: { options: {}, least: 1, most: 2 },
  undo: { options: { wait: flag }, least: 2, most: 2 },
  check: { options: { as: text }, least: 1, most: 1 },
  size: { options: { tier: text, units: text, devices: text, 'budget-percent': text }, least: 0, most: 0 },
} as const satisfies Record<string, { options: Options; least: number; most: number }>;

type CommandName = keyof typeof commands;

/** Parses the arguments after the program's name. Throws `CliError`, whose message quotes no argument that may be a key. */
export function readCommandLine(args: readonly string[]): Command {
  const [name, ...rest] = args;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') return { name: 'help' };
  if (!Object.hasOwn(commands, name)) throw usageError(unknownCommand(name));
  const known = name as CommandName;
  const { options, least, most } = commands[known];
  const { values, positionals } = parsed(known, rest, { ...options, output: text, help: flag });
  if (values.help) return { name: 'help' };
  if (positionals.length < least) throw usageError(`An argument is missing. Write: keeper ${usageOf(known)}`);
  if (positionals.length > most) throw usageError(`There are too many arguments. Write: keeper ${usageOf(known)}`);
  // A shell variable that is not set gives an empty argument.
  if ([...positionals, ...Object.values(values)].includes('')) {
    throw usageError(`An argument is empty. Write: keeper ${usageOf(known)}`);
  }
  const output = oneOf('--output', String(values.output ?? 'table'), outputForms);
  return { ...commandOf(known, positionals, values), output };
}

/** The command without `output`, for each kind of command separately. */
type WithoutOutput<Kind> = Kind extends { output: unknown } ? Omit<Kind, 'output'> : never;

type Values = Readonly<Record<string, string | boolean | undefined | (string | boolean)[]>>;

function commandOf(name: CommandName, all: string[], values: Values): WithoutOutput<Command> {
  const [first = '', second] = all;
  const written = (option: string) => (typeof values[option] === 'string' ? values[option] : undefined);
  const isSet = (option: string) => values[option] === true;
  switch (name) {
    case 'status':
      return { name, minCoveragePercent: percent('--min-coverage', written('min-coverage') ?? '100') };
    case 'hubs':
      return { name };
    case 'sweep':
      return { name, hubs: all, dryRun: isSet('dry-run'), wait: isSet('wait') };
    case 'plan':
      return { name, hubs: all, all: isSet('all'), exitCode: isSet('exit-code') };
    case 'failures':
      return { name, hub: all[0], runId: second };
    case 'why':
      return { name, deviceId: first, hub: written('hub') };
    case 'cancel':
      return { name, hub: first, runId: second };
    case 'undo':
      return { name, hub: first, runId: second ?? '', wait: isSet('wait') };
    case 'check': {
      const kind = written('as');
      return { name, file: first, kind: kind === undefined ? undefined : oneOf('--as', kind, fileKinds) };
    }
    case 'size':
      return sizeOfOptions(written);
  }
}

function sizeOfOptions(written: (option: string) => string | undefined): WithoutOutput<Command> {
  const [tier, units, devices, budgetPercent] = ['tier', 'units', 'devices', 'budget-percent'].map(written);
  if ([tier, units, devices, budgetPercent].every((option) => option === undefined)) return { name: 'sizingTable' };
  if (tier === undefined || devices === undefined)
    throw usageError('size needs --tier and --devices; or no option at all.');
  return { name: 'size', of: { tier, units: units ?? '1', devices, budgetPercent } };
}

function parsed(name: CommandName, args: string[], options: Options) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    if (!types.isNativeError(error) || !('code' in error) || !String(error.code).startsWith('ERR_PARSE_ARGS'))
      throw error;
    // Node's text quotes the argument, which may be a key in the wrong place.
    const written = /'(--?[a-z-]{1,40})/.exec(error.message)?.[1];
    const near = Object.keys(options).find((option) => written !== undefined && distance(`--${option}`, written) <= 2);
    const known = Object.keys(options).map((option) => `--${option}`);
    const dashes = name === 'why' ? ' Write a device id that begins with - after --: keeper why -- -odd-id' : '';
    const advice =
      near && `--${near}` !== written ? `did you mean --${near}?` : `${name} takes ${known.join(', ')}.${dashes}`;
    throw usageError(
      written ? `${written} is unknown here, or lacks its value: ${advice}` : `The options cannot be read: ${advice}`,
    );
  }
}

/** The command with its arguments and options, as the help shows it. */
function usageOf(name: CommandName): string {
  return new RegExp(`^ {2}(${name}\\b.*?)(?: {2}|$)`, 'm').exec(helpText)?.[1] ?? name;
}

function unknownCommand(name: string): string {
  const near = Object.keys(commands).find((known) => distance(known, name.toLowerCase()) <= 2);
  return near === undefined
    ? `There is no such command; there are ${Object.keys(commands).join(', ')}.`
    : `There is no such command: did you mean ${near}?`;
}

function oneOf<Known extends string>(option: string, written: string, known: readonly Known[]): Known {
  const found = known.find((one) => one === written);
  if (found === undefined) throw usageError(`${option} must be one of ${known.join(', ')}.`);
  return found;
}

function percent(option: string, written: string): number {
  const value = /^\d{1,3}(\.\d+)?$/.test(written) ? Number(written) : Number.NaN;
  if (value <= 100) return value;
  throw usageError(`${option} must be a number from 0 to 100.`);
}
