import { expect, test } from '@jest/globals';
import { parseHostJson } from '../../../local/host/hostJson.ts';
import { indexFunctions } from '../../../local/host/indexFunctions.ts';

const registered = (name: string, bindings: Record<string, { type: string; direction: 'in' | 'out' }>) => ({
  metadata: { name, functionId: name, bindings },
  callback: () => undefined,
});

test.each([
  [
    'properties of a tool that are no JSON',
    { type: 'mcpToolTrigger', toolName: 'a', description: 'b', toolProperties: '[' },
  ],
  [
    'properties of a tool of another form',
    { type: 'mcpToolTrigger', toolName: 'a', description: 'b', toolProperties: '{}' },
  ],
  ['no trigger', { type: 'queue' }],
  ['a schedule that cannot be read', { type: 'timerTrigger', schedule: 'daily' }],
  ['a route that cannot be read', { type: 'httpTrigger', route: '{' }],
])('a function with %s is left out with an error, and the others run', (_what, { type, ...rest }) => {
  const direction = /trigger$/i.test(type) ? 'in' : 'out';
  const wrong = registered('wrong', { binding: { type, direction, ...rest } });
  const right = registered('right', { trigger: { type: 'httpTrigger', direction: 'in' } });
  const index = indexFunctions([wrong, right], parseHostJson('{}'), {});
  expect(index.errors).toEqual([expect.stringMatching(/^The 'wrong' function is in error: ./)]);
  expect(index.all).toEqual([right]);
});
