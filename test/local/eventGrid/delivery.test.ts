import { EventGridDeserializer, isSystemEvent } from '@azure/eventgrid';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Subscription, startSubscription } from '../../../local/eventGrid/startSubscription.ts';
import { systemClock } from '../../../shared/clock.ts';
import { deviceCreatedSample } from './deviceCreatedSample.ts';
import { type FakeEndpoint, startFakeEndpoint } from './fakeEndpoint.ts';

let endpoint: FakeEndpoint;
let subscription: Subscription | undefined;
beforeEach(async () => {
  endpoint = await startFakeEndpoint();
});
afterEach(async () => {
  await subscription?.close();
  await endpoint.close();
});

function subscribe(options: Partial<Parameters<typeof startSubscription>[0]> = {}): Subscription {
  const required = { endpoint: endpoint.url, clock: systemClock, random: Math.random };
  subscription = startSubscription({ ...required, ...options });
  return subscription;
}

describe('a subscription in the Event Grid schema', () => {
  test('a subscription validates the endpoint before the first event', async () => {
    const events = subscribe({ topic: '/SUBSCRIPTIONS/1' });
    events.publish(deviceCreatedSample());
    await events.idle();
    const [first, second] = endpoint.seen;
    expect(first?.headers).toMatchObject({ 'aeg-event-type': 'SubscriptionValidation', 'aeg-delivery-count': '0' });
    const [validation] = await new EventGridDeserializer().deserializeEventGridEvents(first?.body ?? '');
    expect(validation).toMatchObject({
      eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
      topic: '/SUBSCRIPTIONS/1',
    });
    expect(second?.headers).toMatchObject({ 'aeg-event-type': 'Notification' });
  });

  test('a subscription sends one event in an array, which the official deserializer accepts as DeviceCreated', async () => {
    const events = subscribe();
    events.publish(deviceCreatedSample("a'b 50%_#1?"));
    await events.idle();
    const request = endpoint.seen[1];
    expect(request?.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'aeg-subscription-name': 'DEVICE-CREATED',
      'aeg-delivery-count': '0',
      'aeg-data-version': '1',
      'aeg-metadata-version': '1',
    });
    expect(JSON.parse(request?.body ?? '')).toEqual([deviceCreatedSample("a'b 50%_#1?")]);
    const [event] = await new EventGridDeserializer().deserializeEventGridEvents(request?.body ?? '');
    expect(event && isSystemEvent('Microsoft.Devices.DeviceCreated', event) && event.data.deviceId).toBe("a'b 50%_#1?");
    expect(events).toMatchObject({ delivered: 1, pending: 0, deadLetters: [] });
  });

  test('a subscription sends at most maxEventsPerBatch events in a request', async () => {
    const events = subscribe({ maxEventsPerBatch: 4 });
    for (let n = 0; n < 10; n += 1) events.publish(deviceCreatedSample(`d${n}`));
    await events.idle();
    const sizes = endpoint.seen.slice(1).map((request) => JSON.parse(request.body).length);
    expect(sizes).toEqual([4, 4, 2]);
    expect(events.delivered).toBe(10);
  });

  test('a subscription has at most 16 concurrent requests', async () => {
    let open = 0;
    let mostOpen = 0;
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    endpoint.statusFor = async () => {
      open += 1;
      mostOpen = Math.max(mostOpen, open);
      if (open === 16) release();
      await released;
      open -= 1;
      return 200;
    };
    const events = subscribe();
    for (let n = 0; n < 60; n += 1) events.publish(deviceCreatedSample(`d${n}`));
    await events.idle();
    expect(mostOpen).toBe(16);
    expect(events.delivered).toBe(60);
  });

  test('a subscription ends at once on close, even while it waits for a response', async () => {
    endpoint.statusFor = () => new Promise(() => undefined);
    const events = subscribe();
    events.publish(deviceCreatedSample());
    const idle = events.idle();
    await events.close();
    await idle;
    expect(events).toMatchObject({ delivered: 0, pending: 1 });
    expect(() => events.publish(deviceCreatedSample())).toThrow('is closed');
  });
});

describe('a subscription in CloudEvents 1.0', () => {
  test('a CloudEvents subscription validates by OPTIONS and sends an object that the official deserializer accepts', async () => {
    const events = subscribe({ schema: 'CloudEventSchemaV1_0' });
    events.publish(deviceCreatedSample());
    await events.idle();
    const [handshake, request] = endpoint.seen;
    expect(handshake?.method).toBe('OPTIONS');
    expect(handshake?.headers['webhook-request-origin']).toBe('eventgrid.azure.net');
    expect(request?.headers).toMatchObject({
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'aeg-metadata-version': '1.0',
    });
    expect(request?.headers).not.toHaveProperty('aeg-data-version');
    expect(JSON.parse(request?.body ?? '')).not.toBeInstanceOf(Array);
    const [event] = await new EventGridDeserializer().deserializeCloudEvents(request?.body ?? '');
    const sample = deviceCreatedSample();
    expect(event).toMatchObject({
      specversion: '1.0',
      source: sample.topic,
      type: sample.eventType,
      data: sample.data,
    });
    expect(event?.extensionAttributes).toBeUndefined();
    expect(event && isSystemEvent('Microsoft.Devices.DeviceCreated', event)).toBe(true);
  });

  test('a CloudEvents subscription sends arrays if batches are allowed', async () => {
    const events = subscribe({ schema: 'CloudEventSchemaV1_0', maxEventsPerBatch: 2 });
    events.publish(deviceCreatedSample('d1'));
    events.publish(deviceCreatedSample('d2'));
    await events.idle();
    expect(endpoint.seen[1]?.headers['content-type']).toBe('application/cloudevents-batch+json; charset=utf-8');
    expect(await new EventGridDeserializer().deserializeCloudEvents(endpoint.seen[1]?.body ?? '')).toHaveLength(2);
  });
});

describe('bad input', () => {
  test.each([0, 1.5, 5_001])('a batch of %p events is refused', (maxEventsPerBatch) => {
    expect(() => subscribe({ maxEventsPerBatch })).toThrow(RangeError);
  });
  test('an endpoint that is not a URL is refused, and the error does not contain it', () => {
    expect(() => subscribe({ endpoint: 'secret-key' })).toThrow('endpoint is not a URL; use http(s)://host/path.');
  });
});
