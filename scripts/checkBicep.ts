import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkTemplates } from './bicep/checkTemplates.ts';
import { bicepVersion, findBicep, thisMachine } from './bicep/findBicep.ts';

// `npm run check:bicep`: checks the templates with the Bicep CLI. --required: fails if there is no Bicep CLI; --update: writes the
// compiled templates and snapshots that the tests read.
const { values } = parseArgs({ options: { required: { type: 'boolean' }, update: { type: 'boolean' } } });
const root = join(import.meta.dirname, '..');
const bicep = findBicep(thisMachine(join(root, 'node_modules/.cache/bicep')));

if (bicep === undefined) {
  process.stderr.write(
    [
      '',
      '*** infra/ WAS NOT CHECKED: there is no Bicep CLI on this machine. ***',
      `Install version ${bicepVersion} (https://aka.ms/bicep-install), or name it in BICEP_CLI; with .NET on Linux (x64) this script`,
      'restores it from NuGet.',
      '',
      '',
    ].join('\n'),
  );
  process.exitCode = values.required || values.update ? 1 : 0;
} else {
  if (bicep.version !== bicepVersion) {
    process.stderr.write(`This is Bicep ${bicep.version}; the compiled templates were made with ${bicepVersion}.\n`);
  }
  const paths = { infra: join(root, 'infra'), evaluated: join(root, 'test/infra/evaluated') };
  const problems = await checkTemplates(bicep, paths, values.update ?? false);
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  const seen = `infra/ with Bicep ${bicep.version} from ${bicep.from}`;
  const advice = 'Correct it; if the compiled templates are outdated: npm run check:bicep -- --update';
  process.stdout.write(
    problems.length === 0 ? `Checked ${seen}.\n` : `${problems.length} problems of ${seen}. ${advice}\n`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
}
