import { describe, expect, test } from '@jest/globals';
import { logText } from '../../../local/ownHub/logText.ts';

const line = (more: object) =>
  JSON.stringify({
    time: '2026-11-29T07:05:16.123Z',
    level: 'information',
    category: 'user',
    message: 'Run ended',
    ...more,
  });

describe('logText', () => {
  test.each([
    ['a line of the app', line({}), '07:05:16  Run ended'],
    ['a warning of the host', line({ category: 'host', level: 'warning' }), '07:05:16  warning: Run ended'],
    ['what Node writes', 'FATAL ERROR: out of memory', 'FATAL ERROR: out of memory'],
    ['JSON that is no log line', 'null', 'null'],
  ])('shows %s', (_what, written, shown) => {
    expect(logText(written)).toBe(shown);
  });

  test.each([
    ['a line of the host about its own work', line({ category: 'host' })],
    ['the line that says the host is ready', '{"ready":true,"url":"http://127.0.0.1:1"}'],
  ])('does not show %s', (_what, written) => {
    expect(logText(written)).toBeUndefined();
  });
});
