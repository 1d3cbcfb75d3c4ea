import { describe, expect, test } from '@jest/globals';
import { readRecords } from '../fixture.ts';
import { measuredHost } from './measuredHost.ts';

const measured = measuredHost('measured-webhook');
const path = '/runtime/webhooks/EventGrid?functionName=onEvent';
const notification = { 'aeg-event-type': 'Notification' };
const notify = (body: string | Buffer) => measured.send('POST', path, notification, body);
const runs = async (): Promise<number> => (await readRecords(measured.host, 'onEvent')).length;

describe('the Event Grid webhook, as measured', () => {
  test.each([
    ['/runtime/webhooks/EventGrid?FUNCTIONNAME=onEvent', 202],
    ['/runtime/webhooks/eventgrid?functionname=onEvent', 202],
    ['/runtime/webhooks/EventGrid?functionName=onevent', 404],
    ['/runtime/webhooks/EventGrid?functionName=none', 404],
    ['/runtime/webhooks/EventGrid', 404],
  ])('the name of the parameter is read in any case, its value in its exact case: %s', async (target, status) => {
    expect((await measured.send('POST', target, notification, '[]'))[0]).toBe(status);
  });

  test('all events of a batch run; if one throws, the answer is a 500 with the name of the function', async () => {
    const before = await runs();
    const events = [{ data: {} }, { data: { fail: 'no' } }, { data: {} }];
    expect(await notify(JSON.stringify(events))).toEqual([
      500,
      'Exception while executing function: Functions.onEvent',
    ]);
    expect(await runs()).toBe(before + 5); // three began, two ended
  });

  test.each(['["a"]', '[null]', '[1]', 'null', '1', '"a"', '{', '', '['.repeat(70)])(
    'a body that is no event gets an empty 500, and no function runs: %s',
    async (body) => {
      const before = await runs();
      expect(await notify(body)).toEqual([500, '']);
      expect(await runs()).toBe(before);
    },
  );

  test('an empty array gets a 202, and so does a body with a byte order mark', async () => {
    expect(await notify('[]')).toEqual([202, '']);
    expect(await notify('\ufeff{"data":{"from":"bom"}}')).toEqual([202, '']);
  });

  test('nesting of 64 and more gets a 500', async () => {
    const nested = (levels: number) => `${'{"data":'.repeat(levels)}{}${'}'.repeat(levels)}`;
    expect((await notify(nested(60)))[0]).toBe(202);
    expect((await notify(nested(64)))[0]).toBe(500);
  });

  test('the last of duplicate members stays; numbers and surrogates beyond JSON are replaced', async () => {
    const data =
      '{"twice":1,"twice":2,"big":9007199254740993,"one":1.0,"huge":1e400,"half":"\\ud800","__proto__":{"a":1}}';
    expect(await notify(`[{"id":"odd","data":${data}}]`)).toEqual([202, '']);
    const found = (await readRecords(measured.host, 'onEvent')).find(({ event }) => event?.id === 'odd');
    expect(JSON.stringify(found?.event?.data)).toBe(
      '{"twice":2,"big":9007199254740992,"one":1,"huge":"Infinity","half":"\ufffd","__proto__":{"a":1}}',
    );
  });

  test.each([
    ['POST', {}, 400],
    ['POST', { 'aeg-event-type': 'Other' }, 400],
    ['GET', {}, 400],
  ])('%s with the headers %j gets the status %i', async (method, headers, status) => {
    expect((await measured.send(method, path, headers as Record<string, string>, '[]'))[0]).toBe(status);
  });

  test.each(['eventgrid.azure.net', 'eventgrid.azure.us', 'evil.example'])(
    'OPTIONS from %s gets a 200 that allows eventgrid.azure.net',
    async (origin) => {
      const response = await fetch(`${measured.host.url}${path}`, {
        method: 'OPTIONS',
        headers: { 'webhook-request-origin': origin },
      });
      expect([response.status, response.headers.get('webhook-allowed-origin')]).toEqual([200, 'eventgrid.azure.net']);
    },
  );

  test('a validation returns its code', async () => {
    const body = JSON.stringify([{ data: { validationCode: 'c1' } }]);
    const answer = await measured.send('POST', path, { 'aeg-event-type': 'SubscriptionValidation' }, body);
    expect(answer).toEqual([200, '{"validationResponse":"c1"}']);
  });
});
