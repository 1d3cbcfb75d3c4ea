import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Cursor } from '../../../../local/emulator/query/indexedRows.ts';
import { parseQuery } from '../../../../local/emulator/query/parseQuery.ts';
import { runQuery } from '../../../../local/emulator/query/runQuery.ts';
import { IdentityStore } from '../../../../local/emulator/state/identityStore.ts';
import type { Clock } from '../../../../shared/clock.ts';

const delayMs = 3000;

type Step = { waitMs: number } & (
  | { kind: 'create' | 'delete' | 'createModule' | 'deleteModule'; which: number }
  | { kind: 'wait' }
);

const step: fc.Arbitrary<Step> = fc.record({
  waitMs: fc.nat(1500),
  kind: fc.constantFrom('create', 'delete', 'createModule', 'deleteModule', 'wait'),
  which: fc.nat(5),
});

function pagesOf(store: IdentityStore, text: string, pageRows: number): string[] {
  const query = parseQuery(text);
  const names: string[] = [];
  for (let cursor: Cursor | undefined = { position: 0, within: 0 }; cursor; ) {
    const page = runQuery(store, query, cursor, pageRows);
    names.push(...page.rows.map((row) => [row.deviceId, row.moduleId].join('/')));
    cursor = page.next;
  }
  return names.sort();
}

/** Names of everything alive; ids are never used twice, so a name is one identity. */
function aliveIn(store: IdentityStore): { devices: string[]; modules: string[] } {
  const rows = [...store.table.values()];
  return {
    devices: rows.map((row) => `${row.deviceId}/`).sort(),
    modules: rows.flatMap((row) => row.modules.map((module) => `${row.deviceId}/${module.moduleId}`)).sort(),
  };
}

describe('The index that queries read', () => {
  test('queries return, page by page, exactly the identities that existed before the delay of the index', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 7 }), (steps, pageRows) => {
        let nowMs = 1_000_000;
        const clock: Clock = { now: () => nowMs, elapsedMs: () => nowMs, sleep: () => Promise.resolve() };
        const rules = {
          queryDelayMs: delayMs,
          ghostMs: delayMs,
          readableAfterMs: 0,
          maxIdentities: 1000,
          maxModulesPerDevice: 50,
        };
        const store = new IdentityStore({ name: 'contoso', tier: 'S1', ...rules }, clock, () => 0.5);
        const history = [{ atMs: 0, ...aliveIn(store) }];
        steps.forEach((each, index) => {
          nowMs += each.waitMs + 1;
          if (each.kind !== 'wait') apply(store, each.kind, each.which, index);
          history.push({ atMs: nowMs, ...aliveIn(store) });
          const then = history.findLast((entry) => entry.atMs <= nowMs - delayMs);
          expect(pagesOf(store, 'SELECT deviceId, moduleId FROM devices', pageRows)).toEqual(then?.devices);
          expect(pagesOf(store, 'SELECT deviceId, moduleId FROM devices.modules', pageRows)).toEqual(then?.modules);
        });
      }),
      { numRuns: 300 },
    );
  });
});

function apply(store: IdentityStore, kind: string, which: number, index: number): void {
  const rows = [...store.table.values()];
  const device = rows[which % Math.max(1, rows.length)];
  if (kind === 'create') store.createDevice({ deviceId: `d${index}` });
  if (!device) return;
  const module = device.modules[which % Math.max(1, device.modules.length)];
  if (kind === 'delete') store.deleteDevice(device);
  if (kind === 'createModule') store.createModule(device, { moduleId: `m${index}` });
  if (kind === 'deleteModule' && module) store.deleteModule(module);
}
