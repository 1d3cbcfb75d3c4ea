import { describe, expect, test } from '@jest/globals';
import { logged } from '../logged.ts';
import { measuredHost } from './measuredHost.ts';

const measured = measuredHost('measured-http');
const { send } = measured;

describe('HTTP, as measured', () => {
  test.each([
    ['a%25b', 'a%b'],
    ['a%252Bb', 'a%2Bb'],
    ['a%2Bb', 'a+b'],
    ['a+b', 'a+b'],
    ['a%23b', 'a#b'],
    ['a%3Fb', 'a?b'],
    ['a%2Fb', 'a%2Fb'],
    ['a%252Fb', 'a%2Fb'],
  ])('a route parameter %s is decoded once, to %s', async (sent, received) => {
    const [status, text] = await send('PUT', `/api/echo/${sent}`);
    expect([status, JSON.parse(text).params]).toEqual([201, { first: received }]);
  });

  test.each(['.', '..', '%2E%2E', ''])('the segment "%s" is no parameter and gets a 404', async (segment) => {
    expect(await send('PUT', `/api/echo/${segment}/`)).toEqual([404, '']);
  });

  test('a path with %00 gets an empty 400 and does not reach the function', async () => {
    const runs = () => measured.host.logs().split("Executing 'Functions.echo'").length;
    const before = runs();
    expect(await send('PUT', '/api/echo/a%00b')).toEqual([400, '']);
    expect(runs()).toBe(before);
  });

  test.each(['/API/Echo/x', '/api/echo/x/'])('routes ignore case, and a slash at the end passes: %s', async (path) => {
    expect((await send('PUT', path))[0]).toBe(201);
  });

  test('unknown query parameters pass, and repeated ones are joined by a comma', async () => {
    const [, text] = await send('PUT', '/api/echo/x?new=1&a=1&a=2');
    expect(JSON.parse(text).query).toEqual({ new: '1', a: '1,2' });
  });

  test('a body over 100 MB gets an empty 500; one of 20 MB reaches the function', async () => {
    expect(await send('PUT', '/api/echo/x', { 'content-length': '104857601' })).toEqual([500, '']);
    const [status, text] = await send('PUT', '/api/echo/x', {}, Buffer.alloc(20_971_520, 'a'));
    expect([status, JSON.parse(text).body.length]).toEqual([201, 20_971_520]);
  });

  test('a handler that throws gets an empty 500', async () => {
    expect(await send('GET', '/api/fail')).toEqual([500, '']);
  });

  test('/admin/functions needs a JSON content type, and answers 202 also where the run must fail', async () => {
    const json = { 'content-type': 'application/json; charset=utf-8' };
    expect(await send('POST', '/admin/functions/nightly', {}, '{"input":""}')).toEqual([415, '']);
    expect(await send('POST', '/admin/functions/nightly', { 'content-type': 'text/plain' }, '{}')).toEqual([415, '']);
    expect(await send('POST', '/admin/functions/echo', json, '{"input":"x"}')).toEqual([202, '']);
    expect(await send('POST', '/admin/functions/onEvent', json, '{"input":"no event"}')).toEqual([202, '']);
    for (const name of ['echo', 'onEvent']) await logged(measured.host, `A manual run of 'Functions.${name}' failed`);
  });
});
