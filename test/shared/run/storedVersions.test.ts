import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import { policyFingerprint } from '../../../shared/policy/policyFingerprint.ts';
import type { Run } from '../../../shared/run/run.ts';
import { runVersion } from '../../../shared/run/run.ts';
import { agent, spec } from '../../support/policy.ts';
import { WorkerBench } from '../../support/workerBench.ts';
import { fleet, sums } from '../worker/fleet.ts';

type Json = Record<string, unknown>;

const folder = join(__dirname, 'documents');
const sample = (name: string): Json => {
  const text = readFileSync(join(folder, name), 'utf8');
  return JSON.parse(text.replace('"FINGERPRINT"', JSON.stringify(policyFingerprint([spec()]))));
};
const versions = readdirSync(folder)
  .map((name) => /^run\.v(\d+)\.json$/.exec(name)?.[1])
  .filter((version) => version !== undefined);

/** Goes on with stored documents of a run that has created 60 of 150 modules. */
async function goOnWith(run: Json, hub: Json): Promise<{ bench: WorkerBench; run: Run; stored: Json }> {
  const bench = new WorkerBench();
  bench.config = { ...bench.config, tier: 'S3', limits: tierLimits('S3', 1) };
  const ids = fleet(bench, 150);
  for (const id of ids.slice(0, 60)) bench.hub.addModule(id, agent);
  const runId = '20261123T020000Z-4f2a';
  await bench.documents.write(`runs/contoso/${runId}.json`, run, undefined);
  await bench.documents.write('hubs/contoso.json', hub, undefined);
  await bench.slices(20);
  const stored = await bench.documents.read<Json>(`runs/contoso/${runId}.json`);
  return { bench, run: await bench.run(runId), stored: stored?.value ?? {} };
}

function expectComplete({ bench, run }: { bench: WorkerBench; run: Run }): void {
  expect(run.status).toBe('done');
  expect(sums(run)).toEqual({ devices: 150, pairs: 150 });
  expect([...bench.hub.devices.keys()].filter((id) => bench.hub.moduleOf(id, agent) === undefined)).toEqual([]);
}

/** Paths of all members of an object, also of those inside its members. */
function pathsOf(value: unknown, at: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => [[...at, name], ...pathsOf(member, [...at, name])]);
}

function withMember(document: Json, [name = '', ...rest]: string[], member: unknown): Json {
  const copy: Json = { ...document };
  if (rest.length > 0) copy[name] = withMember(copy[name] as Json, rest, member);
  else if (member === undefined) delete copy[name];
  else copy[name] = member;
  return copy;
}

/** What a damaged document may hold: no member, another type, and numbers that count nothing. */
const damages: readonly unknown[] = [undefined, 'text', [{}], -1, 0.5];

describe('a stored run', () => {
  test('has a sample of every version', () => {
    expect(versions).toEqual(Array.from({ length: runVersion }, (_, index) => String(index + 1)));
  });

  test.each(versions)('of version %s is finished, and stored in the version of today', async (version) => {
    const result = await goOnWith(sample(`run.v${version}.json`), sample(`hub.v${version}.json`));
    expectComplete(result);
    expect(result.stored.version).toBe(runVersion);
  });

  test('of the version of today goes on where it was', async () => {
    const { run } = await goOnWith(sample('run.v3.json'), sample('hub.v3.json'));
    expect(run.counts).toMatchObject({ created: 150, unchanged: 0 });
    expect(run.reason).toBeNull();
  });

  test('of a later version is finished as far as it is understood, and keeps what is not', async () => {
    const later = { version: 99, added: { later: true } };
    const run = sample('run.v3.json');
    const checkpoint = { ...(run.checkpoint as Json), added: 1 };
    const result = await goOnWith({ ...run, ...later, checkpoint }, { ...sample('hub.v3.json'), ...later });
    expectComplete(result);
    expect(result.stored).toMatchObject({ added: { later: true }, checkpoint: { added: 1 } });
    expect((await result.bench.documents.read('hubs/contoso.json'))?.value).toMatchObject({ added: { later: true } });
  });

  test('of a later version with a todo of another form begins its listing anew', async () => {
    const run = sample('run.v3.json');
    const todo = { kinds: [{ do: 'rotate', moduleId: agent }], devices: [['device-60', [0]]] };
    const result = await goOnWith({ ...run, checkpoint: { ...(run.checkpoint as Json), todo } }, sample('hub.v3.json'));
    expectComplete(result);
    expect(result.run.reason).toMatch(/restarted/);
  });

  test.each([
    ['counts.gone', -1],
    ['counts.created', 12.5],
    ['counts.unreadable', -1],
    ['counts.excluded', { edge: -10 }],
    ['counts.blocked', { disabled: 'ten' }],
  ])('whose %s is %j has its devices counted anew', async (name, member) => {
    const { run } = await goOnWith(withMember(sample('run.v3.json'), name.split('.'), member), sample('hub.v3.json'));
    expect(run.reason).toMatch(/restarted/);
    expect(run.counts).toMatchObject({ devices: 150, created: 90, unchanged: 60, gone: 0, excluded: {}, blocked: {} });
  });

  test.each(pathsOf(sample('run.v3.json')).map((path) => [path.join('.'), path] as const))(
    'that lacks %s, or has another type there, is finished with right sums',
    async (name, path) => {
      for (const member of damages) {
        const result = await goOnWith(withMember(sample('run.v3.json'), path, member), sample('hub.v3.json'));
        if (name === 'dryRun')
          expect(result.bench.hub.modules.size).toBe(60); // not known to be real, so it changes nothing
        else if (name === 'status' && member === 'text') expect(result.run.status).toBe('text');
        else expectComplete(result);
      }
    },
  );
});

describe('a stored hub document', () => {
  test.each(pathsOf(sample('hub.v3.json')).map((path) => [path.join('.'), path] as const))(
    'that lacks %s, or has another type there, does not stop its worker',
    async (name, path) => {
      for (const member of damages) {
        const result = await goOnWith(sample('run.v3.json'), withMember(sample('hub.v3.json'), path, member));
        if (!/^activeRun(\.runId)?$/.test(name)) expectComplete(result);
      }
    },
  );
});
