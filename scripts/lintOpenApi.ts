import { readFile } from 'node:fs/promises';
import { createConfig, lintFromString } from '@redocly/openapi-core';

// Lints an OpenAPI file with the recommended rules of Redocly. Prints each problem, and fails if there is one.

const [file = 'docs/openapi.json'] = process.argv.slice(2);
const config = await createConfig({ extends: ['recommended'] });
const problems = await lintFromString({ source: await readFile(file, 'utf8'), absoluteRef: file, config });
for (const { severity, ruleId, message, location } of problems) {
  process.stdout.write(`${severity} ${ruleId} at ${location[0]?.pointer ?? '#/'}: ${message}\n`);
}
process.stdout.write(`${file}: ${problems.length} problems\n`);
if (problems.length > 0) process.exitCode = 1;
