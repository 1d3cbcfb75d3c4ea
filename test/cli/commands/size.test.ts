import { describe, expect, test } from '@jest/globals';
import { size } from '../../../cli/commands/size.ts';
import { sizingMarkdown, sizingTable } from '../../../cli/size/sizingTable.ts';

const hub = { tier: 'S1', units: '1', devices: '1000', budgetPercent: undefined };

describe('keeper size', () => {
  test.each([
    [{ tier: 'B1' }, '--tier must be one of F1, S1, S2, S3. A Basic hub has no module identities.'],
    [{ units: '201' }, '--units: write a whole number from 1 to 200'],
    [{ budgetPercent: '0' }, '--budget-percent: write a whole number from 1 to 100'],
    [{ devices: '5.5' }, '--devices must be a whole number'],
    [{ devices: '500001' }, '--devices must be at most 500,000'],
    [{ devices: '100000000' }, '--devices must be at most 500,000'],
  ])('refuses %j, and names the option and its valid values', (wrong, message) => {
    expect(() => size({ ...hub, ...wrong })).toThrow(message);
  });

  test('without options gives the table of the guide in each form of --output', () => {
    const { json, table } = sizingTable();
    const lines = sizingMarkdown().trimEnd().split('\n').slice(2);
    expect(json).toHaveLength(lines.length);
    expect(table.rows).toHaveLength(lines.length);
    expect(table.rows[1]?.slice(0, 3)).toEqual(['S1 × 1', 1000, 50]);
    expect(lines[1]).toMatch(/^\| S1 × 1 \| 1,000 \| 50 \|/);
  });
});
