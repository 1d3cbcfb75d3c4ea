import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { adviceForOutcome } from '../../../shared/reconcile/adviceForOutcome.ts';
import { outcomes } from '../../../shared/reconcile/outcome.ts';

test('every outcome has a sentence of advice, whatever its reason', () => {
  fc.assert(
    fc.property(fc.constantFrom(...outcomes), fc.option(fc.string(), { nil: undefined }), (outcome, reason) => {
      expect(adviceForOutcome(outcome, reason)).toMatch(/^[A-Z].*\.$/);
    }),
  );
});

test.each([
  ['blocked', 'disabled', /Enable it/],
  ['blocked', 'tooManyModules', /50/],
  ['blocked', 'tierWithoutModules', /Standard tier/],
  ['excluded', 'edge', /"edge": true/],
  ['excluded', 'exempt', /exemptTag/],
  ['excluded', 'laterWave', /wave/],
  ['failed', 'HTTP 503', /tracking id/],
  ['failed', 'HTTP 429', /log has the code/],
  ['failed', 'ECONNRESET', /connection broke/],
  ['failed', 'UND_ERR_SOCKET', /connection broke/],
  ['failed', 'ERR_STREAM_PREMATURE_CLOSE', /connection broke/],
  ['failed', 'no answer', /did not respond/],
  ['failed', 'ArgumentInvalid', /error codes/],
  ['failed', 'constructor', /error codes/],
] as const)('%s for the reason %s: %s', (outcome, reason, words) => {
  expect(adviceForOutcome(outcome, reason)).toMatch(words);
});
