import { expect, test } from '@jest/globals';
import { moduleQueries, readableColumns, readFoundModule } from '../../../shared/hub/twinQueries.ts';
import { columnsOf } from '../../../shared/reconcile/wantedTwin.ts';
import { withEmulator } from '../../local/emulator/withEmulator.ts';
import { agent, spec } from '../../support/policy.ts';

test('a query of the emulator shows what agents report, beside the columns of an enforced twin', () =>
  withEmulator({}, async (client, { hub }) => {
    const policy = [spec({ twin: { mode: 'enforce', desired: { Process_Mode: 1 } } })];
    for (const deviceId of ['a', 'b']) {
      hub.createDevice({ deviceId });
      hub.createModule(deviceId, { moduleId: agent, desired: { Process_Mode: 1 } });
    }
    const lastActivityAtMs = Date.parse('2026-11-29T08:00:00Z');
    const reported = { latest_state: 'failed', latest_invalid_fields: ['Process_Mode'] };
    hub.changeDeviceSide('a', agent, { reported, lastActivityAtMs });
    const columns = readableColumns(columnsOf(policy) ?? { tags: [], desired: [] });
    const [text = ''] = moduleQueries(['a', 'b'], [agent], columns);
    const { body } = await client.send('POST', '/devices/query', { body: { query: text } });
    const twin = { tags: {}, desired: { Process_Mode: 1 } };
    const report = { state: 'failed', invalidFields: ['Process_Mode'], lastActivityTime: '2026-11-29T08:00:00Z' };
    expect((body as unknown[]).map((row) => readFoundModule(row, columns))).toEqual([
      { deviceId: 'a', moduleId: agent, twin, report },
      { deviceId: 'b', moduleId: agent, twin, report: { invalidFields: [] } },
    ]);
  }));
