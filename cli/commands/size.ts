import { hasModules, maxIdentities, tiers } from '../../shared/config/tierLimits.ts';
import { usageError } from '../cliError.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Answer } from '../output/answer.ts';
import { dollarsPerMonth } from '../size/prices.ts';
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
  const sized = tiers.filter(hasModules);
  const tier = sized.find((one) => one === writtenTier.toUpperCase());
  if (!tier) throw usageError(`--tier must be one of ${sized.join(', ')}. A Basic hub has no module identities.`);
  const numbers = [wholeNumber('--units', units), wholeNumber('--devices', devices)] as const;
  if (numbers[1] * 2 > maxIdentities) {
    const most = (maxIdentities / 2).toLocaleString('en');
    throw usageError(
      `--devices must be at most ${most}: a hub holds ${maxIdentities.toLocaleString('en')} devices and modules together.`,
    );
  }
  const share = budgetPercent === undefined ? undefined : wholeNumber('--budget-percent', budgetPercent);
  const found = sizeFor(tier, ...numbers, share);
  const dollars = dollarsPerMonth(tier, found.units);
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
    ['the hub a month', dollars === null ? `see ${pricePage}` : `${dollars.toLocaleString('en')} USD`],
  ];
  return {
    json: { ...found, dollarsPerMonth: dollars },
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
    if (!(error instanceof RangeError)) throw error;
    throw usageError(error.message.replace('HUB_UNITS', '--units').replace('HUB_BUDGET_PERCENT', '--budget-percent'));
  }
}

function wholeNumber(option: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw usageError(`${option} must be a whole number, such as 3.`);
}
