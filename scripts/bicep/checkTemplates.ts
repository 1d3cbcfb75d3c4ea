import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Bicep } from './findBicep.ts';
import { sourcesHash } from './sourcesHash.ts';

/** The three phases, and the alerts on dead letters after them: each is a deployment of its own, in this order. */
export const phases = ['main', 'access', 'events', 'deadLetters'] as const;

/** Subscription, tenant and region that the committed snapshots were evaluated for; no real ones. */
const target = [
  ...['--subscription-id', '11111111-1111-1111-1111-111111111111'],
  ...['--tenant-id', '22222222-2222-2222-2222-222222222222'],
  ...['--location', 'westeurope'],
];

export interface TemplatePaths {
  infra: string;
  /** Compiled templates, parameters of the snapshots and the snapshots. */
  evaluated: string;
}

/** Stands for the user's hubs.json, so that the compiled templates are the same in every clone. */
const sampleHubs = [{ name: 'my-hub', resourceGroup: 'my-hub-group' }];

/**
 * Checks the templates with the Bicep CLI: all files compile without a warning and have the format of `bicep format`, and the
 * committed compiled templates and snapshots are its output. With `update` writes these files first. Returns the problems.
 */
export async function checkTemplates(bicep: Bicep, paths: TemplatePaths, update: boolean): Promise<string[]> {
  const { infra, evaluated } = paths;
  const copy = mkdtempSync(join(tmpdir(), 'keeper-bicep-'));
  try {
    cpSync(infra, copy, { recursive: true });
    writeFileSync(join(copy, 'hubs.json'), JSON.stringify(sampleHubs));
    const call = caller(bicep, ['--config', join(infra, 'bicepconfig.json')]);
    const found = [
      ...(await lint(infra, call)),
      ...(await compile(copy, evaluated, call, update)),
      ...(await evaluate(evaluated, call, update)),
      ...(await wrongFormat(infra, copy, call)),
    ];
    const [file, text] = [join(evaluated, 'sources.sha256'), `${sourcesHash(infra)}\n`];
    if (update) writeFileSync(file, text);
    else if (!holds(file, text)) found.push(`${file} is not the hash of the sources.`);
    return found;
  } finally {
    rmSync(copy, { recursive: true });
  }
}

/** Calls the CLI. `result`: its standard output; after a failure empty. `said`: its error output; after a failure all output. */
type Call = (...args: string[]) => Promise<{ failed: boolean; said: string; result: string }>;

function caller({ program }: Bicep, config: string[]): Call {
  return async (...args) => {
    try {
      const options = { maxBuffer: 64 << 20 };
      const { stdout, stderr } = await promisify(execFile)(program, [...args, ...config], options);
      return { failed: false, said: stderr.trim(), result: stdout };
    } catch (error) {
      const { stdout = '', stderr = '', message } = error as { stdout?: string; stderr?: string; message: string };
      return { failed: true, said: `${stdout}${stderr}`.trim() || message, result: '' };
    }
  };
}

/** All files, also those that no phase reaches. After a warning the exit code is 0, so whatever it says is a problem. */
async function lint(infra: string, call: Call): Promise<string[]> {
  const { failed, said } = await call('lint', '--pattern', join(infra, '**/*.bicep'));
  return failed || said !== '' ? [said] : [];
}

async function compile(copy: string, evaluated: string, call: Call, update: boolean): Promise<string[]> {
  const found = phases.map(async (phase) => {
    const { failed, said, result } = await call('build', join(copy, `${phase}.bicep`), '--stdout');
    const file = join(evaluated, `${phase}.json`);
    if (failed || said !== '') return said;
    if (update) writeFileSync(file, result);
    return holds(file, result) ? '' : `${file} is not what ${phase}.bicep compiles to.`;
  });
  return (await Promise.all(found)).filter((problem) => problem !== '');
}

async function evaluate(evaluated: string, call: Call, update: boolean): Promise<string[]> {
  const mode = update ? 'overwrite' : 'validate';
  const worlds = readdirSync(evaluated).filter((name) => name.endsWith('.bicepparam'));
  const found = worlds.map(async (name) => {
    const { failed, said } = await call('snapshot', join(evaluated, name), '--mode', mode, ...target);
    return failed || said !== '' ? `The snapshot of ${name}: ${said}` : '';
  });
  return (await Promise.all(found)).filter((problem) => problem !== '');
}

/** Formats the files of `copy`, and names those of `infra` that are not so. */
async function wrongFormat(infra: string, copy: string, call: Call): Promise<string[]> {
  const { failed, said } = await call('format', '--pattern', join(copy, '**/*.bicep'), '--newline-kind', 'LF');
  if (failed) return [said];
  return readdirSync(infra, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.bicep') && !holds(join(infra, path), readFileSync(join(copy, path), 'utf8')))
    .map((path) => `infra/${path} has not the format of \`bicep format\`.`);
}

/** Whether the file is there with that text. */
function holds(file: string, text: string): boolean {
  return existsSync(file) && readFileSync(file, 'utf8').trimEnd() === text.replaceAll('\r\n', '\n').trimEnd();
}
