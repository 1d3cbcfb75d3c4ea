import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import * as z from 'zod/mini';
import { readJson } from '../../shared/config/jsonSetting.ts';
import { checkText, type FileKind, kindOf } from '../check/checkFile.ts';
import { usageError } from '../cliError.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Answer } from '../output/answer.ts';

const kindNames: Record<FileKind, string> = {
  settings: 'a local.settings.json',
  hubs: 'a value of HUBS',
  deployedHubs: 'the hubs.json of the deployment',
  policy: 'a policy',
};

/** The kind by the name of the file, if the content does not tell it, as with broken JSON. */
const kindByName: readonly [RegExp, FileKind][] = [
  [/settings.*\.json$/i, 'settings'],
  [/hubs.*\.json$/i, 'hubs'],
  [/policy.*\.json$/i, 'policy'],
];

/** Tests a file with the checks of the app, offline. `kind`: undefined if its content tells. Throws `CliError`. */
export async function check(path: string, kind: FileKind | undefined): Promise<Answer> {
  const text = await readText(path);
  const known = kind ?? kindOf(text) ?? kindByName.find(([name]) => name.test(basename(path)))?.[1];
  if (known === undefined) throw usageError(unknownKind(text, path));
  const result = checkText(known, text, known === 'settings' ? await hostJsonBeside(path) : undefined);
  const { problems, warnings, says } = result;
  const rows = [
    ...problems.map(({ setting, message }) => ['problem', setting, message]),
    ...warnings.map(({ setting, message }) => ['warning', setting, message]),
  ];
  const verdict =
    problems.length === 0
      ? `The file is valid, as ${kindNames[known]}.`
      : `The file has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}, as ${kindNames[known]}.`;
  return {
    json: { ok: problems.length === 0, ...result },
    table: { heads: ['', 'where', 'what to do'], rows },
    remarks: [verdict, ...says.map((line) => `  ${line}`)],
    exitCode: problems.length === 0 ? exitCodes.ok : exitCodes.no,
  };
}

function unknownKind(text: string, path: string): string {
  const read = readJson(text, z.unknown());
  if (!read.ok) return `The file ${read.problems.map(({ message }) => message).join('; ')}: ${resolve(path)}`;
  return 'The content does not tell what the file is: say it with --as settings, hubs, deployedHubs or policy.';
}

/** By the code of Node's error. npm starts the program in the project's folder, so messages name the whole path. */
const readFailures: Readonly<Record<string, string>> = {
  ENOENT: 'There is no such file',
  EISDIR: 'This is a folder, not a file',
  EACCES: 'You may not read the file',
};

async function readText(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const why = readFailures[code] ?? `The file cannot be read (${code})`;
    throw usageError(`${why}: ${resolve(path)}`);
  }
}

/** Its `functionTimeout` limits SLICE_SECONDS. */
async function hostJsonBeside(path: string): Promise<string | undefined> {
  try {
    return await readFile(join(dirname(path), 'host.json'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
