import { describe, expect, test } from '@jest/globals';
import type { FaultRule } from '../../../local/emulator/http/faults.ts';
import { claims } from '../../../scripts/liveCheck/claims.ts';
import { entraAccess, type RunWishes, runOnEmulator, scratchId } from './runOnEmulator.ts';

/** A fault that is active while one claim is checked. */
const faultDuring = (id: string, ...rules: FaultRule[]): RunWishes => ({
  only: [id],
  onClaim: (claim, emulator) => {
    emulator.faults.clear();
    if (claim.id === id) for (const rule of rules) emulator.faults.add(rule);
  },
});

/** A fault that hits the nth call of its operation since the check of the claim began. */
const faultAtCall = (id: string, nth: number, rule: FaultRule): RunWishes => ({
  only: [id],
  onClaim: (_, { faults }) => {
    const plan = faults.planFor.bind(faults);
    let calls = 0;
    faults.planFor = (operation) => {
      if (operation === rule.operation) calls += 1;
      if (operation === rule.operation && calls === nth) faults.add(rule);
      return plan(operation);
    };
  },
});

const refused = (operation: string, status: number, count = 1): FaultRule => ({
  operation,
  kind: 'status',
  status,
  count,
});

/** Hubs that differ, by the claim that must notice: what is seen, and what to change. */
const cases: [id: string, wishes: RunWishes, seen: string | RegExp, change: string | RegExp][] = [
  [
    'bulk-create-without-keys',
    faultDuring('bulk-create-without-keys', refused('bulk', 400)),
    /^refused: 400/,
    /bulkAction/,
  ],
  ['bulk-errors-by-id', faultDuring('bulk-errors-by-id', refused('bulk', 400)), /existing: not named/, /bulkRegistry/],
  [
    'bulk-others-are-made',
    faultDuring('bulk-others-are-made', refused('bulk', 400)),
    /is not there \(404/,
    /bulkRegistry/,
  ],
  [
    'module-on-missing-device',
    faultDuring('module-on-missing-device', refused('putModule', 412)),
    /^SAS: 412/,
    /findIdentity/,
  ],
  [
    'module-on-missing-device',
    { ...faultDuring('module-on-missing-device', refused('putModule', 401)), access: entraAccess },
    /^Entra ID: 401/,
    /findIdentity/,
  ],
  [
    'module-on-disabled-device',
    faultDuring('module-on-disabled-device', refused('putModule', 409)),
    /^SAS: 409/,
    /findIdentity/,
  ],
  ['existing-module', faultAtCall('existing-module', 2, refused('putModule', 409)), /^409 FaultRule/, /refusals/],
  ['count-of-modules', faultDuring('count-of-modules', refused('query', 400)), /^400/, /aggregate/],
  ['largest-page', { only: ['largest-page'], hub: { maxPageRows: 100 } }, '100 rows', '--max-page-rows 100'],
  ['default-page', { only: ['default-page'], hub: { defaultPageRows: 50 } }, '50 rows', 'defaultPageRows: 50'],
  ['default-page', { only: ['default-page'], hub: { defaultPageRows: 1000 } }, '1000 rows', 'defaultPageRows: 1000'],
  [
    'continuation-after-a-minute',
    // The first query finds the modules, the second is the first page.
    { ...faultAtCall('continuation-after-a-minute', 3, refused('query', 400)), hub: { queryDelayMs: 0 } },
    /^refused after 60 s: 400/,
    /continuationToken/,
  ],
  [
    'continuation-of-other-size',
    { only: ['continuation-of-other-size'], hub: { fixedPageSize: false } },
    'accepted',
    '--any-page-size',
  ],
  [
    'readable-at-once',
    { only: ['readable-at-once'], hub: { readableAfterMs: 4000 } },
    'after 4.0 s',
    '--readable-after-ms 4000',
  ],
  ['index-delay', { only: ['index-delay'], hub: { queryDelayMs: 40_000 } }, 'after 45.0 s', '--query-delay-ms 45000'],
  [
    'index-delay',
    { only: ['index-delay'], hub: { queryDelayMs: 900_000 } },
    'not within 120 s',
    '--query-delay-ms 120000 or more',
  ],
  [
    'deleted-in-queries',
    { only: ['deleted-in-queries'], hub: { ghostMs: 20_000 } },
    'after 20.0 s',
    '--ghost-ms 20000',
  ],
];

describe('The live check on a hub that differs', () => {
  test.each(cases)(
    'says for the claim %s (case %#) what was seen and what to change',
    async (id, wishes, seen, change) => {
      const run = await runOnEmulator(wishes);
      const row = run.rows.get(id);
      expect([run.code, row?.result]).toEqual([1, '**different**']);
      expect(row?.seen).toEqual(typeof seen === 'string' ? seen : expect.stringMatching(seen));
      const line = run.output.split('\n').find((text) => text.startsWith(`- ${id}: `)) ?? '';
      expect(line).toEqual(typeof change === 'string' ? `- ${id}: ${change}` : expect.stringMatching(change));
      expect(run.devicesAfter).not.toContain(scratchId);
    },
  );

  test('sees the same delay on an emulator with the option that it named, --query-delay-ms 45000', async () => {
    const run = await runOnEmulator({ only: ['index-delay'], hub: { queryDelayMs: 45_000 } });
    expect(run.rows.get('index-delay')?.seen).toBe('after 45.0 s');
  });

  test('a 429 that comes by itself settles whether it has a Retry-After', async () => {
    const run = await runOnEmulator({
      only: ['existing-module', 'throttled-without-retry-after'],
      onClaim: (_, { faults }) => {
        if (faults.list().length === 0) faults.add(refused('putModule', 429));
      },
    });
    expect(run.code).toBe(0);
    expect(run.rows.get('throttled-without-retry-after')).toEqual({
      seen: '429 without Retry-After',
      result: 'as expected',
    });
    expect(run.rows.get('existing-module')?.result).toBe('as expected');
  });

  test('every claim that an emulator can be made to break is broken here', () => {
    const broken = new Set(cases.map(([id]) => id));
    const unbroken = claims.map(({ id }) => id).filter((id) => !broken.has(id));
    expect(unbroken).toEqual(['throttled-without-retry-after', 'routed-module-deletion', 'events-of-imports']);
  });
});
