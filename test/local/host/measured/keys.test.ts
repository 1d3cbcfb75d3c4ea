import { describe, expect, test } from '@jest/globals';
import { hostKeys } from '../../../../local/host/hostKeys.ts';
import { measuredHost } from './measuredHost.ts';

const keySecret = 'a secret of this test';
const keys = hostKeys(keySecret);
const measured = measuredHost('measured-keys', { keySecret });
const given = {
  none: undefined,
  wrong: 'wrong',
  master: keys.master,
  host: keys.host,
  eventgrid_extension: keys.eventGrid,
  'of the function': keys.ofFunction('records'),
  'of another function': keys.ofFunction('echo'),
} as const;

type Given = keyof typeof given;

async function statusOf(method: string, path: string, key: Given, more: Record<string, string> = {}, body?: string) {
  const code = given[key];
  const byHeader: Record<string, string> = code === undefined ? {} : { 'x-functions-key': code };
  const answer = await measured.send(method, path, { ...more, ...byHeader }, body);
  if (code === undefined) return answer;
  const byQuery = await measured.send(method, `${path}${path.includes('?') ? '&' : '?'}code=${code}`, more, body);
  expect(byQuery[0]).toBe(answer[0]);
  return answer;
}

describe('keys, as measured', () => {
  test.each<[Given, number]>([
    ['none', 401],
    ['wrong', 401],
    ['eventgrid_extension', 401],
    ['of another function', 401],
    ['host', 200],
    ['master', 200],
    ['of the function', 200],
  ])('a function that is called with the key "%s" answers %i', async (key, status) => {
    const answer = await statusOf('GET', '/api/records', key);
    expect(answer[0]).toBe(status);
    if (status === 401) expect(answer[1]).toBe('');
  });

  test.each<[Given]>([['none'], ['wrong'], ['master']])(
    'an anonymous function passes with the key "%s"',
    async (key) => {
      expect((await statusOf('GET', '/api/nothing', key))[0]).toBe(204);
    },
  );

  test.each<[Given]>([['none'], ['master']])('a path without a function answers 404 with the key "%s"', async (key) => {
    expect((await statusOf('GET', '/api/none', key))[0]).toBe(404);
  });

  test.each<[Given, number]>([
    ['none', 401],
    ['wrong', 401],
    ['host', 403],
    ['eventgrid_extension', 403],
    ['master', 202],
  ])('/admin that is called with the key "%s" answers %i', async (key, status) => {
    const json = { 'content-type': 'application/json' };
    expect((await statusOf('POST', '/admin/functions/nightly', key, json, '{}'))[0]).toBe(status);
  });

  test('/admin/host/ping needs no key', async () => {
    expect((await statusOf('GET', '/admin/host/ping', 'none'))[0]).toBe(200);
  });

  test.each<[Given, number]>([
    ['none', 401],
    ['wrong', 401],
    ['host', 403],
    ['eventgrid_extension', 202],
    ['master', 202],
  ])('the Event Grid webhook that is called with the key "%s" answers %i', async (key, status) => {
    const path = '/runtime/webhooks/EventGrid?functionName=onEvent';
    expect((await statusOf('POST', path, key, { 'aeg-event-type': 'Notification' }, '[]'))[0]).toBe(status);
  });

  test('the log contains no key', () => {
    for (const key of Object.values(given))
      if (key !== undefined && key !== 'wrong') expect(measured.host.logs()).not.toContain(key);
  });
});
