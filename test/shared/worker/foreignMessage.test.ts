import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { foreignMessageFields } from '../../../shared/worker/foreignMessage.ts';

const metadata = { id: 'aa-bb', insertionTime: '2026-11-28T02:00:00+00:00', dequeueCount: 1, popReceipt: 'secret' };
const common = { messageId: 'aa-bb', insertedAt: '2026-11-28T02:00:00.000Z', dequeueCount: 1 };

test.each<[unknown, object]>([
  [{ hub: 'fabrikam' }, { content: 'object, hub: string', hubBegins: 'fabrikam' }],
  [{ hub: 'a-name-that-is-long' }, { content: 'object, hub: string', hubBegins: 'a-name-that-' }],
  [{ hub: 'HostName=x;SharedAccessKey=k' }, { content: 'object, hub: string' }],
  [{ hub: 7 }, { content: 'object, hub: number' }],
  [{ other: 'x' }, { content: 'object, hub: undefined' }],
  [['x'], { content: 'list' }],
  ['hello', { content: 'string' }],
  [null, { content: 'nothing' }],
])('of the foreign message %j it is logged who may have sent it', (message, expected) => {
  expect(foreignMessageFields(message, metadata)).toEqual({ ...common, ...expected });
});

test('a foreign message without metadata is logged too', () => {
  expect(foreignMessageFields('x')).toMatchObject({ messageId: null, insertedAt: null, dequeueCount: null });
  expect(foreignMessageFields('x', { insertionTime: new Date(0) }).insertedAt).toBe('1970-01-01T00:00:00.000Z');
});

test('of the content of a foreign message at most twelve characters of a legal hub name are logged', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 13 }), fc.boolean(), (secret, inHub) => {
      const logged = JSON.stringify(foreignMessageFields(inHub ? { hub: secret } : { more: secret }));
      expect(logged).not.toContain(JSON.stringify(secret).slice(1, -1));
    }),
  );
});
