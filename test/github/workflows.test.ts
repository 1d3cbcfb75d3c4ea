import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse, parseDocument, visit } from 'yaml';

const root = join(__dirname, '../..');
const folder = join(root, '.github/workflows');
const names = readdirSync(folder);
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const { scripts, engines, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
  engines: { node: string };
  devDependencies: Record<string, string>;
};
/** The Node of the tests on this machine. */
const newestNode = Number(devDependencies.node?.split('.')[0]);

interface Job {
  permissions?: Record<string, string>;
  'timeout-minutes'?: number;
  strategy?: { matrix: { node: number[] } };
  steps: { uses?: string; run?: string; with?: Record<string, unknown>; env?: Record<string, string> }[];
}

interface Workflow {
  on: Record<string, { tags?: string[] } | null>;
  permissions: Record<string, string>;
  jobs: Record<string, Job>;
}

const workflow = (name: string) => parse(read(name)) as Workflow;
const jobsOf = (name: string) => Object.values(workflow(name).jobs);
const commandsOf = (name: string) => jobsOf(name).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []));

/** Every `uses`, with the comment behind it. */
function actionsOf(name: string): { action: string; comment: string }[] {
  const found: { action: string; comment: string }[] = [];
  visit(parseDocument(read(name)), {
    Pair(_, { key, value }) {
      if (String(key) !== 'uses') return;
      const { value: action, comment } = value as { value: string; comment?: string };
      found.push({ action, comment: comment ?? '' });
    },
  });
  return found;
}

test('the workflows are ci.yml and release.yml', () => {
  expect(names.sort()).toEqual(['ci.yml', 'release.yml']);
});

describe.each(names)('the workflow %s', (name) => {
  test('pins each action by the hash of a commit, with its version behind it', () => {
    const actions = actionsOf(name);
    expect(actions.length).toBeGreaterThan(1);
    for (const { action, comment } of actions) {
      expect(action).toMatch(/^actions\/[\w-]+@[0-9a-f]{40}$/);
      expect(comment).toMatch(/^ v\d+\.\d+\.\d+$/);
    }
  });

  test('has only the right to read, and more only in the job that makes a release', () => {
    expect(workflow(name).permissions).toEqual({ contents: 'read' });
    const more = jobsOf(name).flatMap(({ permissions }) => (permissions ? [permissions] : []));
    const ofRelease = { contents: 'write', 'id-token': 'write', attestations: 'write' };
    expect(more).toEqual(name === 'release.yml' ? [ofRelease] : []);
  });

  test('leaves no token in the checkout, and has a time limit for every job', () => {
    for (const { steps, 'timeout-minutes': minutes } of jobsOf(name)) {
      expect(minutes).toBeGreaterThan(0);
      for (const step of steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'))) {
        expect(step.with?.['persist-credentials']).toBe(false);
      }
    }
  });

  test('puts no expression of GitHub into a command, and is not run by pull_request_target', () => {
    for (const run of commandsOf(name)) expect(run).not.toContain('${{');
    expect(Object.keys(workflow(name).on)).not.toContain('pull_request_target');
  });

  test('runs scripts that package.json has, on the Node versions that are supported', () => {
    const run = commandsOf(name).flatMap((command) =>
      [...command.matchAll(/npm run ([\w:-]+)/g)].map(([, script]) => script),
    );
    expect(run.filter((script) => !((script ?? '') in scripts))).toEqual([]);
    const versions = jobsOf(name).flatMap(({ steps }) => steps.flatMap((step) => step.with?.['node-version'] ?? []));
    const [oldest] = /\d+/.exec(engines.node) ?? [];
    for (const version of versions) {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub Actions
      expect([Number(oldest), newestNode, '${{ matrix.node }}']).toContain(version);
    }
    expect(versions.length).toBeGreaterThan(0);
  });
});

test('the workflows use one hash for each version of an action', () => {
  const versions = new Map<string, Set<string>>();
  for (const { action, comment } of names.flatMap(actionsOf)) {
    versions.set(
      comment + action.split('@')[0],
      (versions.get(comment + action.split('@')[0]) ?? new Set()).add(action),
    );
  }
  for (const hashes of versions.values()) expect(hashes.size).toBe(1);
});

test('the tests run on the oldest and on the newest Node, with one pinned npm, and npm 10 makes the same package', () => {
  const { test: tests, npm10 } = workflow('ci.yml').jobs;
  expect(tests?.strategy?.matrix.node).toEqual([Number(/\d+/.exec(engines.node)?.[0]), newestNode]);
  const pinned = names
    .flatMap(commandsOf)
    .flatMap((run) => [...run.matchAll(/npm@(\S+)/g)].map(([, version]) => version));
  expect([...new Set(pinned)].sort()).toEqual([
    expect.stringMatching(/^10\.\d+\.\d+$/),
    expect.stringMatching(/^11\.\d+\.\d+$/),
  ]);
  expect(npm10?.steps.some(({ run }) => run?.includes('sha256sum --check'))).toBe(true);
});

test('a release is attested before it is published', () => {
  const steps = jobsOf('release.yml').flatMap((job) => job.steps);
  const attested = steps.findIndex(({ uses }) => uses?.startsWith('actions/attest-build-provenance@'));
  const published = steps.findIndex(({ run }) => run?.startsWith('gh release create'));
  expect([attested >= 0, attested < published]).toEqual([true, true]);
  expect(steps[attested]?.with?.['subject-path']).toBe('out/module-keeper.zip\nout/module-keeper.sbom.cdx.json\n');
});

test('every push and pull request is checked, tested and compiled', () => {
  expect(Object.keys(workflow('ci.yml').on)).toEqual(['push', 'pull_request']);
  const commands = commandsOf('ci.yml').join('\n');
  for (const command of ['npm ci', 'npm test', 'npm audit --omit dev']) expect(commands).toContain(command);
  expect(commands).toContain('npm run check:bicep -- --required');
  expect(readFileSync(join(root, '.ci/run'), 'utf8')).toContain('npm run check:bicep -- --required');
});

test('a tag that is a version makes a release of what was tested', () => {
  expect(workflow('release.yml').on).toEqual({ push: { tags: ['v*'] } });
  const commands = commandsOf('release.yml');
  const order = ['npm ci', 'npm test', 'npm run package', 'gh release create'];
  const places = order.map((part) => commands.findIndex((command) => command.startsWith(part)));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places).not.toContain(-1);
  expect(commands.at(-1)).toContain('module-keeper.zip module-keeper.sbom.cdx.json SHA256SUMS');
});

test('Dependabot updates packages and actions', () => {
  const { updates } = parse(readFileSync(join(root, '.github/dependabot.yml'), 'utf8')) as {
    updates: { 'package-ecosystem': string }[];
  };
  expect(updates.map((update) => update['package-ecosystem'])).toEqual(['npm', 'github-actions']);
});
