import { HttpRequest } from '@azure/functions';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { App } from '../../../shared/app.ts';
import { Problem } from '../../../shared/http/problem.ts';
import { bodyOf, deviceIdOf, hubOf, runOf } from '../../../shared/http/requestParts.ts';
import { sweepBody } from '../../../shared/http/sweepBody.ts';
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
  throw new Error('no problem was found with this body');
}

const hubList = 'write a list of 1 to 1000 names of hubs, such as ["contoso"], or leave it out for all hubs';

describe('a body', () => {
  test.each(['', ' \n', '{}', '\uFEFF', '\uFEFF{}', ' {} '])(
    'that is empty counts as an empty object: %j',
    async (body) => {
      expect(await bodyOf(request(body), sweepBody)).toEqual({});
    },
  );

  test('of the given shape is answered as it is', async () => {
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
    ['{"dryrun":true}', 'body', 'has no dryrun: did you mean dryRun?'],
    ['{"hub":"contoso"}', 'body', 'has no hub: did you mean hubs?'],
    ['{"force":true}', 'body', 'has no force: write one of hubs, dryRun'],
    ['{"a b\\n":1}', 'body', 'has no (an odd key): write one of hubs, dryRun'],
  ])('%s is refused, and the answer says what to write', async (body, field, message) => {
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
  ])('that is no JSON of ours is refused: %j', async (body) => {
    expect(await problemOfBody(body)).toMatchObject({ status: 400, type: 'bad-json' });
  });

  test('of bytes that are no text is refused', async () => {
    expect(await problemOfBody(Uint8Array.from([0xff, 0xfe, 0x00, 0x80]))).toMatchObject({ status: 400 });
  });

  test('nested as deep as it can be is refused, and does no harm', async () => {
    expect(await problemOfBody('['.repeat(60_000))).toMatchObject({ status: 400 });
    expect(await problemOfBody(`${'['.repeat(30_000)}${']'.repeat(30_000)}`)).toMatchObject({ status: 400 });
  });

  test('of more than 64 KiB is too large, whatever is in it', async () => {
    const fitting = `{"dryRun":true${' '.repeat(64 * 1024 - '{"dryRun":true}'.length)}}`;
    expect(await bodyOf(request(fitting), sweepBody)).toEqual({ dryRun: true });
    expect(await problemOfBody(`${fitting} `)).toMatchObject({ status: 413, type: 'body-too-large' });
    expect(await problemOfBody('x'.repeat(5_000_000))).toMatchObject({ status: 413 });
  });

  test('whatever it is, is answered in its shape or refused with a 4xx that does not quote it', async () => {
    const secret = 'SharedAccessKey=c2VjcmV0';
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.jsonValue().map((value) => JSON.stringify({ hubs: value, [secret]: secret })),
    );
    await fc.assert(
      fc.asyncProperty(text, async (body) => {
        const answer = await bodyOf(request(body), sweepBody).catch((error: unknown) => error);
        if (!(answer instanceof Problem)) return expect(sweepBody.safeParse(answer).success).toBe(true);
        expect([400, 413]).toContain(answer.status);
        expect(JSON.stringify(answer.toResponse())).not.toContain(secret);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a device id in the route', () => {
  test('is handed on as it is, whatever legal characters it has', () => {
    fc.assert(
      fc.property(legalId, (deviceId) => {
        expect(deviceIdOf(request('', { deviceId }))).toBe(deviceId);
      }),
    );
  });

  test.each(['', '.', '..', 'a/b', 'a b', 'a\\b', 'ü', 'a\n', 'x'.repeat(129), undefined])(
    '%j is refused with the characters that are legal',
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

describe('a hub and a run in the route', () => {
  const documents = new MemoryDocuments();
  const contoso = { hub: hubConfig() };
  const app = { hubs: new Map([['contoso', contoso]]), documents } as unknown as App;
  const runId = '20261123T020000Z-4f2a';
  const asked = (hub: string, id: string) => runOf(app, request('', { hub, runId: id }));

  test('are found in upper and lower case of the hub', async () => {
    await documents.write(runPath('contoso', runId), { hub: 'contoso', runId }, undefined);
    expect(hubOf(app, 'Contoso')).toBe(contoso);
    expect(await asked('CONTOSO', runId)).toMatchObject({ hub: 'contoso', runId });
  });

  test.each(['fabrikam', '', '__proto__', '../contoso', undefined])('%j is no hub: 404', (name) => {
    expect(() => hubOf(app, name)).toThrow(expect.objectContaining({ status: 404, type: 'unknown-hub' }));
  });

  test.each(['20261123T020000Z-ffff', 'latest', '', '../../hubs/contoso', `${runId}.json`, `${runId}\n`])(
    '%j is no run: 404',
    async (id) => {
      await expect(asked('contoso', id)).rejects.toMatchObject({ status: 404, type: 'unknown-run' });
    },
  );
});
