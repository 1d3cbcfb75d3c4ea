import type { Tier } from '../../shared/config/config.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Answer } from '../output/answer.ts';
import type { Cell } from '../output/table.ts';
import { dollarsPerMonth } from './prices.ts';
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

/** The sizing table of the operations guide. */
export function sizingTable(): Answer {
  const sizes = hubs.flatMap(([tier, units, fleets]) => fleets.map((devices) => sizeOf(tier, units, devices)));
  return {
    json: sizes.map((size) => ({ ...size, dollarsPerMonth: dollarsPerMonth(size.tier, size.units) })),
    table: { heads: head, rows: sizes.map(cellsOf) },
    exitCode: exitCodes.ok,
  };
}

/** The same as Markdown, as it stands in the guide. */
export function sizingMarkdown(): string {
  const { rows } = sizingTable().table;
  return [head, head.map((_, index) => (index === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.map(cellText).join(' | ')} |\n`)
    .join('');
}

function cellsOf(size: Size): (string | number)[] {
  return [
    `${size.tier} × ${size.units}`,
    size.devices,
    size.createsPerMinute,
    durationText(size.backfillHours),
    durationText(size.sweepHours),
    percentText(size.messageShare),
    Math.ceil(size.functionHoursPerMonth),
    size.executionsPerMonth,
    dollars(size),
  ];
}

function dollars({ tier, units }: Size): string {
  const known = dollarsPerMonth(tier, units);
  return known === null ? 'see prices' : `${known} USD`;
}

const cellText = (cell: Cell): string => (typeof cell === 'number' ? cell.toLocaleString('en') : String(cell));
