import type { Tier } from '../../shared/config/config.ts';
import { unitDollars } from './prices.ts';
import { type Size, sizeOf } from './sizeOf.ts';
import { durationText, percentText } from './sizeTexts.ts';

/** Close to the largest fleet with one module on each device: a hub has at most a million identities. */
const fullHub = 490_000;

const hubs: readonly [Tier, number, number[]][] = [
  ['F1', 1, [500]],
  ['S1', 1, [1_000, 10_000, 100_000, fullHub]],
  ['S1', 10, [10_000, 100_000, fullHub]],
  ['S2', 1, [1_000, 10_000, 100_000, fullHub]],
  ['S2', 10, [10_000, 100_000, fullHub]],
  ['S3', 1, [10_000, 100_000, fullHub]],
  ['S3', 10, [100_000, fullHub]],
];

const head = [
  'hub',
  'devices',
  'creates a minute',
  'backfill',
  'nightly sweep',
  'of the daily messages',
  'function hours a month',
  'executions a month',
  'the hub a month',
];

/** The sizing table of the operations guide, as Markdown. */
export function sizingTable(): string {
  const rows = hubs.flatMap(([tier, units, fleets]) => fleets.map((devices) => cellsOf(sizeOf(tier, units, devices))));
  return [head, head.map((_, index) => (index === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .join('');
}

function cellsOf(size: Size): string[] {
  return [
    `${size.tier} × ${size.units}`,
    count(size.devices),
    count(size.createsPerMinute),
    durationText(size.backfillHours),
    durationText(size.sweepHours),
    percentText(size.messageShare),
    count(Math.ceil(size.functionHoursPerMonth)),
    count(size.executionsPerMonth),
    dollars(size),
  ];
}

function dollars({ tier, units }: Size): string {
  const each = unitDollars[tier];
  return each === undefined ? 'see prices' : `${each * units} USD`;
}

const count = (value: number): string => value.toLocaleString('en');
