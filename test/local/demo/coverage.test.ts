import { expect, test } from '@jest/globals';
import { readCoverage } from '../../../local/demo/coverage.ts';
import { startEmulator } from '../../../local/emulator/emulator.ts';

test('the coverage counts what the hub has stored, also what its query index does not show yet', async () => {
  const emulator = await startEmulator({ name: 'contoso', queryDelayMs: 3_600_000 });
  try {
    const { hub } = emulator;
    for (const deviceId of ['with', 'without', 'other']) hub.createDevice({ deviceId });
    hub.createDevice({ deviceId: 'edge', edge: true });
    hub.createModule('with', { moduleId: 'agent' });
    hub.createModule('other', { moduleId: 'another' });
    expect(readCoverage(hub, 'agent')).toEqual({ devices: 4, selected: 3, withModule: 1 });
  } finally {
    await emulator.close();
  }
});
