import { expect, test } from '@jest/globals';
import { tierLimits } from '../../../shared/config/tierLimits.ts';
import { hubBudgets, learnedRates } from '../../../shared/hub/hubBudgets.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { hubConfig } from './hubConfig.ts';

const rates = (budgets: ReturnType<typeof hubBudgets>) =>
  Object.fromEntries(Object.entries(budgets).map(([name, budget]) => [name, budget.ratePerMinute]));

test('hub budgets are the granted share of the limit of each class', () => {
  expect(rates(hubBudgets(hubConfig(), new FakeClock()))).toEqual({
    registry: 50,
    queries: 10,
    twinReads: 3_000,
    twinWrites: 1_500,
  });
  const large = hubConfig({ budgetPercent: 20, limits: tierLimits('S3', 2) });
  expect(rates(hubBudgets(large, new FakeClock()))).toEqual({
    registry: 2_000,
    queries: 400,
    twinReads: 12_000,
    twinWrites: 6_000,
  });
});

test('hub budgets start with the learned rates of the slice before; other rates are not stored', () => {
  const clock = new FakeClock();
  const budgets = hubBudgets(hubConfig(), clock);
  expect(learnedRates(budgets)).toEqual({});
  budgets.queries.slowDown();
  expect(learnedRates(budgets)).toEqual({ queries: 5 });
  const next = hubBudgets(hubConfig(), clock, { learnedRates: learnedRates(budgets) });
  expect(rates(next)).toEqual({
    registry: 50,
    queries: 5,
    twinReads: 3_000,
    twinWrites: 1_500,
  });
});

test('hub budgets limit a rate that was learned under a larger grant', () => {
  expect(rates(hubBudgets(hubConfig(), new FakeClock(), { learnedRates: { registry: 400 } }))).toMatchObject({
    registry: 50,
  });
});
