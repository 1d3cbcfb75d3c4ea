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
});
