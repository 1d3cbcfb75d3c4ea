import { HttpRequest } from '@azure/functions';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sweepBody } from '../../../shared/api/sweepBody.ts';
import type { App } from '../../../shared/app.ts';
import { Problem } from '../../../shared/http/problem.ts';
import { bodyOf, deviceIdOf, hubOf, runOf } from '../../../shared/http/requestParts.ts';
import { runPath } from '../../../shared/run/run.ts';
import { MemoryDocuments } from '../../support/memoryStorage.ts';
import { hubConfig } from '../hub/hubConfig.ts';
import { legalId } from '../hub/legalId.ts';

function request(body?: string | Uint8Array, params: Record<string, string> = {}): HttpRequest {
  const content = typeof body === 'string' ? { string: body } : { bytes: body ?? new Uint8Array() };
  return new HttpRequest({ method: 'POST', url: 'https://keeper.example/api/sweeps', body: content, params });
}

async function problemOfBody(body: string | Uint8Array): Promise<Problem> {
  const error = await bodyOf(request(body), sweepBody).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Problem) return error;
  throw new Error('this body has no problem');
}

const hubList = 'write a list of 1 to 1000 names of hubs, such as ["contoso"], or leave it out for all hubs';

describe('bodyOf', () => {
  test.each(['', ' \n', '{}', '\uFEFF', '\uFEFF{}', ' {} '])(
    'returns an empty object for an empty body: %j',
    async (body) => {
      expect(await bodyOf(request(body), sweepBody)).toEqual({});
    },
  );

  test('returns a valid body unchanged', async () => {
    const body = { hubs: ['contoso', 'Zürich'], dryRun: true };
    expect(await bodyOf(request(JSON.stringify(body)), sweepBody)).toEqual(body);
  });

  test.each([
    ['null', 'body', 'write an object with hubs, dryRun'],
    ['7', 'body', 'write an object with hubs, dryRun'],
    ['[]', 'body', 'write an object with hubs, dryRun'],
    ['"{}"', 'body', 'write an object with hubs, dryRun'],
    ['{"hubs":"all"}', 'hubs', hubList],
    ['{"hubs":[]}', 'hubs', hubList],
    [JSON.stringify({ hubs: Array(1_001).fill('a') }), 'hubs', hubList],
    ['{"hubs":["a",7]}', 'hubs[1]', 'write the name of a hub, such as "contoso"'],
    ['{"dryRun":"yes"}', 'dryRun', 'write true or false'],
    ['{"dryRun":null}', 'dryRun', 'write true or false'],
    ['{"dryrun":true}', 'body', 'has the unknown key dryrun: did you mean dryRun?'],
    ['{"hub":"contoso"}', 'body', 'has the unknown key hub: did you mean hubs?'],
    ['{"force":true}', 'body', 'has the unknown key force: write one of hubs, dryRun'],
    ['{"a b\\n":1}', 'body', 'has the unknown key (not shown): write one of hubs, dryRun'],
  ])('refuses %s and says what to write', async (body, field, message) => {
    const problem = await problemOfBody(body);
    expect(problem).toMatchObject({ status: 400, type: 'bad-body', errors: [{ field, message }] });
  });

  test.each([
    '{',
    'dryRun=true',
    '{"dryRun":true}}',
    "{'dryRun':true}",
    '<xml/>',
    '{"__proto__":{"dryRun":true}}',
    '\u0000',
  ])('refuses a body that is not valid JSON: %j', async (body) => {
    expect(await problemOfBody(body)).toMatchObject({ status: 400, type: 'bad-json' });
  });

  test('refuses bytes that are not text', async () => {
    expect(await problemOfBody(Uint8Array.from([0xff, 0xfe, 0x00, 0x80]))).toMatchObject({ status: 400 });
  });

  test('refuses deep nesting without a crash', async () => {
    expect(await problemOfBody('['.repeat(60_000))).toMatchObject({ status: 400 });
    expect(await problemOfBody(`${'['.repeat(30_000)}${']'.repeat(30_000)}`)).toMatchObject({ status: 400 });
  });

  test('refuses more than 64 KiB with any content', async () => {
    const largest = `{"dryRun":true${' '.repeat(64 * 1024 - '{"dryRun":true}'.length)}}`;
    expect(await bodyOf(request(largest), sweepBody)).toEqual({ dryRun: true });
    expect(await problemOfBody(`${largest} `)).toMatchObject({ status: 413, type: 'body-too-large' });
    expect(await problemOfBody('x'.repeat(5_000_000))).toMatchObject({ status: 413 });
  });

  test('returns a valid body, or throws a 4xx problem that does not quote it, for any text', async () => {
    const secret = 'SharedAccessKey=c2VjcmV0';
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.jsonValue().map((value) => JSON.stringify({ hubs: value, [secret]: secret })),
    );
    await fc.assert(
      fc.asyncProperty(text, async (body) => {
        const result = await bodyOf(request(body), sweepBody).catch((error: unknown) => error);
        if (!(result instanceof Problem)) return expect(sweepBody.safeParse(result).success).toBe(true);
        expect([400, 413]).toContain(result.status);
        expect(JSON.stringify(result.toResponse())).not.toContain(secret);
      }),
      { numRuns: 300 },
    );
  });
});

describe('deviceIdOf', () => {
  test('returns every valid device id unchanged', () => {
    fc.assert(
      fc.property(legalId, (deviceId) => {
        expect(deviceIdOf(request('', { deviceId }))).toBe(deviceId);
      }),
    );
  });

  test.each(['', '.', '..', 'a/b', 'a b', 'a\\b', 'ü', 'a\n', 'x'.repeat(129), undefined])(
    'refuses %j and lists the valid characters',
    (deviceId) => {
      const params: Record<string, string> = deviceId === undefined ? {} : { deviceId };
      expect(() => deviceIdOf(request('', params))).toThrow(
        expect.objectContaining({
          status: 400,
          type: 'bad-device-id',
          errors: [expect.objectContaining({ field: 'deviceId' })],
        }),
      );
    },
  );
});

describe('hubOf and runOf', () => {
  const documents = new MemoryDocuments();
  const contoso = { hub: hubConfig() };
  const problems = [{ setting: 'HUBS[1].tier', message: 'write S1' }];
  const outOfService = new Map([['broken', { name: 'broken', problems }]]);
  const app = { hubs: new Map([['contoso', contoso]]), outOfService, documents } as unknown as App;
  const runId = '20261123T020000Z-4f2a';
  const runAt = (hub: string, id: string) => runOf(app, request('', { hub, runId: id }));

  test('ignore the case of the hub name', async () => {
    await documents.write(runPath('contoso', runId), { hub: 'contoso', runId }, undefined);
    expect(hubOf(app, 'Contoso')).toBe(contoso);
    expect(await runAt('CONTOSO', runId)).toMatchObject({ hub: 'contoso', runId });
  });

  test.each(['fabrikam', '', '__proto__', '../contoso', undefined])(
    'throw a 404 problem for the unknown hub %j',
    (name) => {
      expect(() => hubOf(app, name)).toThrow(expect.objectContaining({ status: 404, type: 'unknown-hub' }));
    },
  );

  test('throw a 503 problem with the reason for a hub out of service', () => {
    expect(() => hubOf(app, 'Broken')).toThrow(
      expect.objectContaining({
        status: 503,
        type: 'hub-out-of-service',
        errors: [{ field: 'HUBS[1].tier', message: 'write S1' }],
      }),
    );
  });

  test.each(['20261123T020000Z-ffff', 'latest', '', '../../hubs/contoso', `${runId}.json`, `${runId}\n`])(
    'throw a 404 problem for the unknown run %j',
    async (id) => {
      await expect(runAt('contoso', id)).rejects.toMatchObject({ status: 404, type: 'unknown-run' });
    },
  );
});
