import { describe, expect, test } from '@jest/globals';
import { chaosRun } from '../../local/chaos/chaosRun.ts';

describe('a sweep whose host is killed again and again while devices arrive', () => {
  test('ends done with exact sums, every module made once and no key changed', async () => {
    const said: string[] = [];
    const result = await chaosRun({
      seed: 7,
      kills: 3,
      devices: 400,
      units: 1,
      lifeMs: 2_000,
      app: 'functions/index.ts',
      say: (line) => said.push(line),
    });
    expect({ kills: result.kills, broken: result.broken }).toEqual({ kills: 3, broken: [] });
    expect(result.arrived).toBeGreaterThan(0);
    expect(result.modulesMade).toBeGreaterThan(300);
  });
});
