import { expect, test } from '@jest/globals';
import { findSecrets } from './findSecrets.ts';

test('findSecrets finds a secret in every part of an error', () => {
  const hidden = Object.defineProperty(new Error('no'), 'request', {
    value: { headers: ['sig=abc'] },
    enumerable: false,
  });
  const graph = {
    hidden,
    cause: new Error('no', { cause: new Error('token sig=abc') }),
    [Symbol('agent')]: { sockets: new Map([['sig=abc', 1]]) },
    body: Buffer.from('sig=abc'),
    get lazy() {
      return 'sig=abc';
    },
  };
  Object.assign(graph, { self: graph });
  expect(findSecrets(graph, ['sig='])).toEqual(
    expect.arrayContaining([
      '$.hidden.request.headers.0',
      '$.cause.cause.message',
      '$.Symbol(agent).sockets.entries.0.0',
      '$.body',
      '$.lazy',
    ]),
  );
  expect(findSecrets(graph, ['other'])).toEqual([]);
});
