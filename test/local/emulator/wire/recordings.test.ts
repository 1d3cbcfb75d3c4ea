import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../../support/fakeClock.ts';
import { readRecording, recordingsFolder } from '../recordedExchange.ts';
import { withEmulator } from '../withEmulator.ts';
import { replayRecording } from './replayRecording.ts';

/** All that were made of devices, modules, twins, bulk calls, queries and statistics; jobs have a test of their own. */
const names = [
  'devices-client-identity-lifecycle',
  'devices-client-query-get-twins',
  'modules-client-bulk-creation-module-with-twin',
  'modules-client-bulk-creation-multiple-devices',
  'modules-client-device-twin-lifecycle',
  'modules-client-get-modules-on-device',
  'modules-client-identity-lifecycle',
  'modules-client-query-get-twins',
  'modules-client-update-device-etag-does-not-match',
  'modules-client-update-module-twin-etag-does-not-match',
  'query-client-get-all-modules-twins-with-tag',
  'statistics-client-device-successful-response',
].map((name) => `${name}.json`);

describe('Recorded traffic of real hubs', () => {
  test('every recording is replayed by a test', () => {
    const present = readdirSync(recordingsFolder).filter((name) => name.endsWith('.json') && !name.startsWith('jobs-'));
    expect(present.sort()).toEqual(names);
  });

  test.each(names)('the emulator responds as recorded: %s', async (name) => {
    const clock = new FakeClock();
    await withEmulator({ clock, queryDelayMs: 3000, throttling: true }, (client) =>
      replayRecording(readRecording(name), client, clock),
    );
  });
});
