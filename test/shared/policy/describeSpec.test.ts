import { describe, expect, test } from '@jest/globals';
import { describeSpec } from '../../../shared/policy/describeSpec.ts';
import { defaultSpec } from '../../../shared/policy/moduleSpec.ts';

describe('describeSpec', () => {
  test('names the module, what happens to it, and that Edge devices are left out', () => {
    expect(describeSpec(defaultSpec('agent'))).toBe(
      'agent: created where it is missing, on every device but IoT Edge devices',
    );
  });

  test('names each condition of the selection, and the limit of a run', () => {
    const spec = defaultSpec('agent');
    const select = { edge: true, deviceIds: ['cork-*', 'brno-?'], tags: { site: ['cork', 1] }, exemptTag: 'keeper.no' };
    expect(describeSpec({ ...spec, select, stop: { ...spec.stop, maxChanges: 5 } })).toBe(
      'agent: created where it is missing, at most 5 a run, on every device, if its id is like cork-* or brno-?, and tags.site is "cork" or 1, and it has no tags.keeper.no',
    );
  });

  test('says of a removal that it needs no dry run, or removes connected modules', () => {
    const spec = { ...defaultSpec('old'), ensure: 'absent' } as const;
    const removal = { dryRun: 'required', connected: 'leave' } as const;
    expect(describeSpec({ ...spec, removal })).toBe(
      'old: REMOVED where it is there, on every device but IoT Edge devices',
    );
    expect(describeSpec({ ...spec, removal: { dryRun: 'off', connected: 'remove' } })).toBe(
      'old: REMOVED where it is there, also without a dry run before, also where it is connected, on every device but IoT Edge devices',
    );
  });

  test('names windows and waves', () => {
    const windows = [
      { days: ['sat', 'sun'], from: '22:00', to: '04:00' },
      { days: ['mon'], from: '00:00', to: '24:00' },
    ] as const;
    const waves = [{ deviceIds: ['lab-*', 'x'] }, { percent: 0.5 }];
    const rollout = { waves, pauseHours: 12, stopWhen: { failedPercent: 1, unhealthyPercent: 1 } };
    expect(describeSpec({ ...defaultSpec('agent'), windows, rollout })).toBe(
      'agent: created where it is missing, by runs only sat, sun 22:00-04:00 or mon 00:00-24:00 UTC, in waves (lab-* or x; 0.5%; all others), 12 h apart, on every device but IoT Edge devices',
    );
  });
});
