import { tiers } from '../../shared/config/tierLimits.ts';
import { usageError } from '../cliError.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Answer } from '../output/answer.ts';
import { unitDollars } from '../size/prices.ts';
import { sizeOf } from '../size/sizeOf.ts';
import { durationText, percentText } from '../size/sizeTexts.ts';

const pricePage = 'https://azure.microsoft.com/pricing/details/iot-hub/';

/** The options of `keeper size`, as they were written. */
export interface SizeOptions {
  tier: string;
  units: string;
  devices: string;
  budgetPercent: string | undefined;
}

/** What sweeps take on a hub: time, messages, cost. Throws `CliError`. */
export function size({ tier: writtenTier, units, devices, budgetPercent }: SizeOptions): Answer {
  const tier = tiers.find((one) => one === writtenTier.toUpperCase());
  if (!tier) throw usageError(`--tier must be one of ${tiers.join(', ')}.`);
  const numbers = [wholeNumber('--units', units), wholeNumber('--devices', devices)] as const;
  const share = budgetPercent === undefined ? undefined : wholeNumber('--budget-percent', budgetPercent);
  const found = sizeFor(tier, ...numbers, share);
  const each = unitDollars[tier];
  const dollarsPerMonth = each === undefined ? null : each * found.units;
  const rows = [
    ['creates a minute', found.createsPerMinute.toLocaleString('en')],
    ['first sweep, if no device has its module', durationText(found.backfillHours)],
    ['nightly sweep, if all have it', durationText(found.sweepHours)],
    [
      'messages of a sweep',
      `${found.messages.toLocaleString('en')}, ${percentText(found.messageShare)} of the hub's day`,
    ],
    ['function hours a month', Math.ceil(found.functionHoursPerMonth).toLocaleString('en')],
    ['function executions a month', found.executionsPerMonth.toLocaleString('en')],
    ['the hub a month', dollarsPerMonth === null ? `see ${pricePage}` : `${dollarsPerMonth.toLocaleString('en')} USD`],
  ];
  return {
    json: { ...found, dollarsPerMonth },
    table: { heads: [`${tier} × ${found.units}, ${found.devices.toLocaleString('en')} devices`, ''], rows },
    remarks: [
      `One module on each device, ${share ?? 50} % of the throttle granted. Calculated, not measured; prices change: ${pricePage}`,
    ],
    exitCode: exitCodes.ok,
  };
}

function sizeFor(...of: Parameters<typeof sizeOf>): ReturnType<typeof sizeOf> {
  try {
    return sizeOf(...of);
  } catch (error) {
    if (error instanceof RangeError) throw usageError(error.message);
    throw error;
  }
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw usageError(`${option} must be a whole number, such as 3.`);
}
