import { expect, test } from '@jest/globals';
import { hubBudgets } from '../../../shared/hub/hubBudgets.ts';
import { hubProbe } from '../../../shared/worker/hubProbe.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { FakeHub } from '../../support/fakeHub.ts';
import { hubConfig } from '../hub/hubConfig.ts';

test('a throttled probe halves the rate of registry operations', async () => {
  const clock = new FakeClock();
  const hub = new FakeHub(clock);
  hub.onCall = () => {
    throw hub.error('throttled', { status: 429 });
  };
  const budgets = hubBudgets(hubConfig(), clock);
  const signals = { ended: new AbortController().signal, untilRenewed: async () => {} };
  const { beforeProbe, probe } = hubProbe({ registry: hub.registry(), budgets, clock, signals });
  await clock.run(beforeProbe());
  expect(budgets.registry.usedShare).toBeGreaterThan(0);
  await expect(clock.run(probe())).rejects.toMatchObject({ kind: 'throttled' });
  expect(budgets.registry.ratePerMinute).toBe(budgets.registry.grantedPerMinute / 2);
});
