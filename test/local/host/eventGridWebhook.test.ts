import { describe, expect, test } from '@jest/globals';
import { toCloudEvent } from '../../../local/eventGrid/eventGridEvent.ts';
import { eventGridWebhook } from '../../../local/host/eventGridWebhook.ts';
import type { HttpCall } from '../../../local/host/httpResponse.ts';
import type { Invoke } from '../../../local/host/invoker.ts';
import { deviceCreatedSample } from '../eventGrid/deviceCreatedSample.ts';

function webhook(work: (event: { id?: string }) => Promise<void> = async () => undefined, cardinality = 'one') {
  const inputs: unknown[] = [];
  const trigger = { type: 'eventGridTrigger', direction: 'in' as const, cardinality };
  const registered = {
    metadata: { name: 'onEvent', functionId: 'onEvent', bindings: { trigger } },
    callback: () => undefined,
  };
  const invoke: Invoke = async (_registered, { data }) => {
    const event = JSON.parse(data.json ?? '');
    inputs.push(event);
    await work(event);
    return { invocationId: '1', durationMs: 0 };
  };
  const handle = eventGridWebhook([registered], invoke);
  const send = (
    body: unknown,
    {
      type,
      method = 'POST',
      name = 'onEvent',
      headers = {},
    }: { type?: string; method?: string; name?: string; headers?: Record<string, string> } = {},
  ) => {
    const call: HttpCall = {
      method,
      url: new URL(`http://host/runtime/webhooks/eventgrid${name && `?functionName=${name}`}`),
      headers: { ...(type === undefined ? {} : { 'aeg-event-type': type }), ...headers },
      readBody: async () => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    };
    return handle(call);
  };
  return { send, inputs };
}

describe('the Event Grid webhook', () => {
  test.each(['', 'other', 'ONEVENT'])('the webhook returns 404 with the name for function "%s"', async (name) => {
    const response = await webhook().send([], { type: 'Notification', name });
    expect(response).toMatchObject({ status: 404, body: `cannot find function: '${name}'` });
  });

  test('the webhook returns the validation code of both schemas', async () => {
    const { send, inputs } = webhook();
    const forms = [[{ data: { validationCode: 'c1' } }], { data: JSON.stringify({ validationCode: 'c1' }) }];
    for (const form of forms) {
      const response = await send(form, { type: 'subscriptionVALIDATION' });
      expect([response.status, response.body]).toEqual([200, '{"validationResponse":"c1"}']);
    }
    expect(inputs).toEqual([]);
  });

  test('the webhook runs the function once for each event and returns 202 without a body', async () => {
    const { send, inputs } = webhook();
    const events = [deviceCreatedSample('d1'), deviceCreatedSample('d2')];
    expect(await send(events, { type: 'Notification' })).toEqual({ status: 202 });
    expect(await send(deviceCreatedSample('d3'), { type: 'notification' })).toEqual({ status: 202 });
    expect(inputs).toEqual([...events, deviceCreatedSample('d3')]);
  });

  test('the webhook runs the events of a request concurrently, waits for all, and returns 500 if one fails', async () => {
    const began: string[] = [];
    const { send } = webhook(async ({ id = '' }) => {
      began.push(id);
      while (began.length < 3) await new Promise((resolve) => setImmediate(resolve));
      if (id === 'b') throw new Error('b failed');
    });
    const response = await send([{ id: 'a' }, { id: 'b' }, { id: 'c' }], { type: 'Notification' });
    expect(response).toMatchObject({ status: 500 });
    expect(began).toEqual(['a', 'b', 'c']);
  });

  test.each([
    ['in the Event Grid schema', (event: ReturnType<typeof deviceCreatedSample>) => [event]],
    ['as a CloudEvent', toCloudEvent],
  ])('the webhook rewrites every string of an event that is a date, but not its subject: %s', async (_how, shape) => {
    const { send, inputs } = webhook();
    const sent = '2020-01-01T00:00:00+02:00';
    const received = '2019-12-31T22:00:00+00:00';
    const event = { ...deviceCreatedSample(sent), eventTime: '2018-01-02T19:17:44.4380000Z' };
    const data = { hubName: 'contoso', deviceId: sent, [sent]: [sent, { more: sent }, 7, null] };
    expect(await send(shape({ ...event, data }), { type: 'Notification' })).toEqual({ status: 202 });
    expect(JSON.parse(JSON.stringify(inputs))).toEqual([
      expect.objectContaining({
        subject: `devices/${sent}`,
        ...('time' in shape(event) ? { time: '2018-01-02T19:17:44.438Z' } : { eventTime: '2018-01-02T19:17:44.438Z' }),
        data: { hubName: 'contoso', deviceId: received, [sent]: [received, { more: received }, 7, null] },
      }),
    ]);
  });

  test('the webhook passes the whole array to a batch trigger in one invocation', async () => {
    const { send, inputs } = webhook(undefined, 'many');
    await send([{ id: 'a' }, { id: 'b' }], { type: 'Notification' });
    expect(inputs).toEqual([[{ id: 'a' }, { id: 'b' }]]);
  });

  test('the webhook accepts Unsubscribe and refuses other or missing types', async () => {
    const { send } = webhook();
    expect(await send('', { type: 'Unsubscribe' })).toEqual({ status: 202 });
    expect(await send([], { type: 'SomethingElse' })).toEqual({ status: 400 });
    expect(await send([])).toEqual({ status: 400 });
    expect(await send('', { method: 'GET' })).toEqual({ status: 400 });
  });

  test('the webhook throws for malformed JSON, which the server turns into a 500', async () => {
    await expect(webhook().send('{', { type: 'Notification' })).rejects.toThrow(SyntaxError);
  });
});
