import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Emulator } from '../../../../local/emulator/emulator.ts';
import { withEmulator } from '../withEmulator.ts';

/** Calls that read their body before they look for what it is about. */
const withBody = [
  ['PUT', '/devices/a'],
  ['POST', '/devices'],
  ['POST', '/devices/query'],
] as const;

function sendRaw(emulator: Emulator, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port: emulator.port,
      ca: readFileSync(emulator.caFile),
      servername: 'localhost',
    });
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('close', () => resolve(received));
    socket.on('error', reject);
    socket.write(text);
  });
}

describe('The emulator under hostile requests', () => {
  test('any path gets a response of the hub', async () => {
    await withEmulator({}, async (client) => {
      const segment = fc.oneof(
        fc.constantFrom('devices', 'twins', 'modules', 'query', '..', '.', '', '%2F', '%', '$emulator'),
        fc.webSegment(),
      );
      const method = fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS');
      await fc.assert(
        fc.asyncProperty(method, fc.array(segment, { maxLength: 6 }), async (verb, segments) => {
          const reply = await client.send(verb, `/${segments.join('/')}`, { body: {} });
          expect(reply.status).toBeLessThan(500);
        }),
        { numRuns: 300 },
      );
    });
  });

  test.each([
    ['no body', Buffer.alloc(0)],
    ['half a body', Buffer.from('{"query":')],
    ['bad UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['deep nesting', Buffer.from('['.repeat(100_000))],
    ['closed deep nesting', Buffer.from(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)],
  ])('the emulator refuses %s with a 400', async (_what, body) => {
    await withEmulator({}, async (client) => {
      for (const [method, path] of withBody) {
        const reply = await client.send(method, path, { body });
        expect([path, reply.status, reply.headers['iothub-errorcode']]).toEqual([path, 400, 'ArgumentInvalid']);
      }
    });
  });

  test('a body that is too large gets a 413, and the emulator continues to serve', async () => {
    await withEmulator({ maxBodyBytes: 1000 }, async (client) => {
      const reply = await client.query('x'.repeat(2000));
      expect([reply.status, reply.headers['iothub-errorcode']]).toEqual([413, 'MessageTooLarge']);
      expect((await client.query('SELECT * FROM devices')).status).toBe(200);
    });
  });

  test('unknown routes get a 404 with a hint that says what is missing', async () => {
    await withEmulator({}, async (client) => {
      for (const [method, path, hint] of [
        ['GET', '/', 'Neither'],
        ['GET', '/devices/a/modules/m/twin', 'Neither'],
        ['PATCH', '/devices/a', 'This path takes GET, PUT, DELETE, not PATCH'],
        ['GET', '/configurations/x', 'A real hub has configurations'],
        ['POST', '/devices/a/applyConfigurationContent', 'A real hub has configurations'],
        ['PUT', '/jobs/v2/j', 'A real hub has scheduled jobs'],
        ['POST', '/twins/a/methods', 'A real hub has direct methods'],
        ['POST', '/twins/a/modules/m/methods', 'A real hub has direct methods'],
        ['GET', '/digitaltwins/a', 'A real hub has digital twins'],
        ['POST', '/devices/a/messages/events', 'A real hub has device side'],
        ['DELETE', '/devices/a/commands', 'A real hub has cloud-to-device messages'],
      ] as const) {
        const { status, headers } = await client.send(method, path);
        expect([path, status, headers['x-emulator-hint']]).toEqual([path, 404, expect.stringContaining(hint)]);
      }
    });
  });

  test('x-emulator-hint contains the reason of a BadRequest', async () => {
    await withEmulator({}, async (client) => {
      const reply = await client.query('SELECT * FROM devices ORDER BY deviceId');
      expect([reply.status, reply.headers['x-emulator-hint']]).toEqual([400, expect.stringContaining('ORDER')]);
    });
  });

  test('the emulator survives invalid HTTP and clients that disconnect while throttled', async () => {
    await withEmulator({ throttling: true, throttleBurstMinutes: 1 }, async (client, emulator) => {
      expect(await sendRaw(emulator, 'NONSENSE\r\n\r\n')).toContain('400');
      const body = Array.from({ length: 100 }, (_, index) => ({ id: `d${index}`, importMode: 'create' }));
      await client.send('POST', '/devices', { body });
      const held = client.send('PUT', '/devices/late', { body: { deviceId: 'late' } });
      while (emulator.counters().registryOperations < 101) await new Promise((resolve) => setImmediate(resolve));
      client.close();
      await expect(held).rejects.toThrow();
      while (!emulator.counters().requests.putDevice) await new Promise((resolve) => setImmediate(resolve));
      expect(emulator.counters().requests.putDevice).toEqual({ none: 1 });
      expect(emulator.hub.device('late')).toBeUndefined();
    });
  });
});
