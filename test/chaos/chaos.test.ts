import { describe, expect, test } from '@jest/globals';
import { chaosRun } from '../../local/chaos/chaosRun.ts';
import { testApp } from '../support/testApp.ts';

describe('a sweep whose hosts are all killed repeatedly while devices are created', () => {
  test('ends with status done and exact counts, creates every module once, and changes no key', async () => {
    const lines: string[] = [];
    const result = await chaosRun({
      seed: 7,
      kills: 3,
      devices: 400,
      units: 1,
      lifeMs: 2_000,
      instances: 2,
      app: testApp(),
      writeLine: (line) => lines.push(line),
    });
    expect(result.failedChecks).toEqual([]);
    expect(result.kills).toBeGreaterThan(0); // on a slow machine the run may end before the third
    expect(result.arrived).toBeGreaterThan(0);
    expect(result.modulesMade).toBeGreaterThan(300);
  });
});
