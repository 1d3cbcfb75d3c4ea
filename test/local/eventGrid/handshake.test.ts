import { describe, expect, test } from '@jest/globals';
import { startSubscription } from '../../../local/eventGrid/startSubscription.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { deviceCreatedSample } from './deviceCreatedSample.ts';

describe('the handshake', () => {
  test('the handshake is retried every second until the endpoint returns the code; events wait until then', async () => {
    const clock = new FakeClock();
    const start = clock.now();
    const log: string[] = [];
    const notifiedAtMs: number[] = [];
    let handshakes = 0;
    const answers: ((code: string) => Response)[] = [
      () => new Response('cannot find function', { status: 404 }),
      () => Response.json({ validationResponse: 'another code' }),
      () => new Response('no JSON'),
      (code) => Response.json({ validationResponse: code }, { status: 202 }),
    ];
    const subscription = startSubscription({
      endpoint: 'http://endpoint/',
      clock,
      random: () => 0,
      log: (message) => log.push(message),
      fetch: async (_url, init) => {
        if (new Headers(init?.headers).get('aeg-event-type') === 'Notification') {
          notifiedAtMs.push(clock.now() - start);
          return new Response();
        }
        const code = JSON.parse(String(init?.body))[0].data.validationCode;
        handshakes += 1;
        return answers[handshakes - 1]?.(code) ?? Response.json({ validationResponse: code });
      },
    });
    subscription.publish(deviceCreatedSample());
    await clock.run(subscription.idle());
    expect(handshakes).toBe(5);
    expect(notifiedAtMs).toEqual([4_000]);
    expect(log).toHaveLength(4);
  });

  test('the CloudEvents handshake requires the allowed origin in the response', async () => {
    const clock = new FakeClock();
    const origins = [undefined, 'evil.example', 'eventgrid.azure.net'];
    const subscription = startSubscription({
      endpoint: 'http://endpoint/',
      schema: 'CloudEventSchemaV1_0',
      clock,
      random: () => 0,
      fetch: async (_url, init) => {
        if (init?.method !== 'OPTIONS') return new Response();
        const origin = origins.shift();
        return new Response(null, origin ? { headers: { 'Webhook-Allowed-Origin': origin } } : {});
      },
    });
    subscription.publish(deviceCreatedSample());
    await clock.run(subscription.idle());
    expect(origins).toEqual([]);
    expect(subscription.delivered).toBe(1);
  });
});
