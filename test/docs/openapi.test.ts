import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openApiFile, openApiText } from '../../scripts/openApi/openApiText.ts';
import { isDeviceId } from '../../shared/deviceKey.ts';
import { newRunId, runIdPattern } from '../../shared/run/run.ts';
import { ApiDescription } from './apiDescription.ts';

const root = join(__dirname, '../..');
const api = new ApiDescription();

/** Every `new Problem(status, 'type', …` of the sources; and those of another form, which a search cannot read. */
function problemsOfTheCode(): { problems: Set<string>; unreadable: string[] } {
  const problems = new Set<string>();
  const unreadable: string[] = [];
  for (const folder of ['functions', 'shared']) {
    for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      const text = readFileSync(join(root, folder, file), 'utf8');
      for (const [, start = ''] of text.matchAll(/new Problem\(([^)]{0,80})/g)) {
        const [, status, type] = /^\s*(\d{3}),\s*'([a-z-]+)'/.exec(start) ?? [];
        if (status && type) problems.add(`${status} ${type}`);
        else unreadable.push(`${file}: ${start}`);
      }
    }
  }
  return { problems, unreadable };
}

/** All nodes of a JSON tree that are objects. */
function* objectsIn(node: unknown): Generator<Record<string, unknown>> {
  if (typeof node !== 'object' || node === null) return;
  if (!Array.isArray(node)) yield node as Record<string, unknown>;
  for (const child of Object.values(node)) yield* objectsIn(child);
}

describe('docs/openapi.json', () => {
  test('is an OpenAPI 3.1 document in which every reference points to something', () => {
    expect(api.document.openapi).toBe('3.1.0');
    const references = [...objectsIn(api.document)].filter(({ $ref }) => typeof $ref === 'string');
    expect(references.length).toBeGreaterThan(50);
    for (const reference of references) expect(api.resolve(reference)).toBeDefined();
  });

  test('is the one that the code makes (npm run openapi)', async () => {
    expect(readFileSync(join(root, openApiFile), 'utf8')).toBe(await openApiText());
  });

  test('has no problem by the rules of Redocly, which find a broken reference', async () => {
    const lint = (file: string) =>
      promisify(execFile)(process.execPath, ['scripts/lintOpenApi.ts', file], { cwd: root });
    expect((await lint(openApiFile)).stdout).toContain('0 problems');
    const folder = mkdtempSync(join(tmpdir(), 'openapi-'));
    try {
      const broken = join(folder, 'broken.json');
      writeFileSync(broken, (await openApiText()).replace('#/components/schemas/Run"', '#/components/schemas/None"'));
      await expect(lint(broken)).rejects.toMatchObject({ stdout: expect.stringContaining("Can't resolve $ref") });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('uses every component that it defines', () => {
    const used = new Set([...objectsIn(api.document)].map(({ $ref }) => $ref));
    for (const kind of ['schemas', 'examples', 'parameters']) {
      for (const name of Object.keys(api.document.components[kind] ?? {})) {
        expect(used).toContain(`#/components/${kind}/${name}`);
      }
    }
  });

  test('has the version of the package', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect((api.document.info as { version: string }).version).toBe(version);
  });

  test('names every problem that the code can answer, and no other', () => {
    const { problems, unreadable } = problemsOfTheCode();
    expect(unreadable).toEqual([]);
    expect(new Set(api.problems.map(({ name, status }) => `${status} ${name}`))).toEqual(problems);
  });

  test.each(api.problems)('shows $name as a whole example', ({ name, status, value }) => {
    expect(api.mistakes('Problem', value)).toEqual([]);
    expect(value).toMatchObject({ type: `urn:module-keeper:${name}`, status });
  });

  test('takes for a device id what the code takes for one', () => {
    const nearly = fc.stringMatching(/^[A-Za-z0-9\-:.+%_#*?!(),=@;$'/ é]{0,130}$/);
    fc.assert(
      fc.property(fc.oneof(nearly, fc.string(), fc.constantFrom('.', '..', '...')), (id) => {
        expect(api.mistakes('DeviceId', id).length === 0).toBe(isDeviceId(id));
      }),
    );
  });

  test('takes for a run id what the code makes', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (at, luck) => {
          const runId = newRunId(at.getTime(), () => luck);
          expect(runIdPattern.test(runId)).toBe(true);
          expect(api.mistakes('RunId', runId)).toEqual([]);
        },
      ),
    );
  });
});

test('docs/api.md has a row for every function of the API, with its route', () => {
  const page = readFileSync(join(root, 'docs/api.md'), 'utf8');
  for (const { name, method, path } of api.operations) {
    expect(page).toMatch(new RegExp(`^\\| \`${name}\` \\| \`${method} ${escaped(`/api${path}`)}[?\`]`, 'm'));
  }
});

function escaped(text: string): string {
  return text.replace(/[{}/?.]/g, '\\$&');
}
