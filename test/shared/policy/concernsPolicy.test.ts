import { describe, expect, test } from '@jest/globals';
import { concernsPolicy, type IdentityChange } from '../../../shared/policy/concernsPolicy.ts';
import type { ModuleSpec } from '../../../shared/policy/moduleSpec.ts';
import { agent, spec } from '../../support/policy.ts';

const tags = { group: 'g' };
const desired = { interval: 60 };

/** A spec of a kind, with parts of the twin. */
const specOf = (ensure: ModuleSpec['ensure'], mode: ModuleSpec['twin']['mode'], twin: object = {}): ModuleSpec =>
  spec({ ensure, twin: { mode, ...twin } });

const created: IdentityChange = { moduleId: agent, what: 'created' };
const deleted: IdentityChange = { moduleId: agent, what: 'deleted' };
const replaced: IdentityChange = { moduleId: agent, what: 'twinChanged' };
const tagged: IdentityChange = { ...replaced, sections: ['tags'] };
const desiredChanged: IdentityChange = { ...replaced, sections: ['desired'] };
const reported: IdentityChange = { ...replaced, sections: [] };

describe('a change of a module concerns the policy', () => {
  // What makes a read worthwhile, by ensure and twin mode: created, deleted, replaced, tags, desired, reported.
  test.each<[ModuleSpec['ensure'], ModuleSpec['twin']['mode'], object, string]>([
    ['present', 'off', {}, '-D----'],
    ['present', 'seed', {}, '-D----'],
    ['present', 'seed', { tags, desired }, 'CD----'],
    ['present', 'enforce', { tags, desired }, 'CDRTW-'],
    ['present', 'enforce', { desired }, 'CDR-W-'],
    ['patched', 'seed', { tags }, 'C-----'],
    ['patched', 'enforce', { tags }, 'C-RT--'],
    ['absent', 'seed', {}, '------'],
    ['absent', 'enforce', { tags }, '------'],
  ])('of a spec %s, %s, with %j: %s', (ensure, mode, twin, expected) => {
    const seen = [created, deleted, replaced, tagged, desiredChanged, reported]
      .map((change, index) => (concernsPolicy(change, [specOf(ensure, mode, twin)]) ? 'CDRTWP'[index] : '-'))
      .join('');
    expect(seen).toBe(expected);
  });

  test('only if a spec names it, in its case', () => {
    for (const moduleId of ['other', agent.toLowerCase(), '$edgeAgent']) {
      for (const change of [created, deleted, replaced]) {
        expect(concernsPolicy({ ...change, moduleId }, [specOf('present', 'enforce', { tags })])).toBe(false);
      }
    }
    expect(concernsPolicy(deleted, [specOf('present', 'off'), spec({ moduleId: 'other' })])).toBe(true);
    expect(concernsPolicy({ ...deleted, moduleId: 'other' }, [spec(), spec({ moduleId: 'other' })])).toBe(true);
  });
});

describe('a change of a device concerns the policy', () => {
  const readsTags = [spec({ select: { edge: false, exemptTag: 'keeper.exempt' } })];

  test('if it is new, and not if it is gone', () => {
    expect(concernsPolicy({ what: 'created' }, [spec()])).toBe(true);
    expect(concernsPolicy({ what: 'deleted' }, readsTags)).toBe(false);
  });

  test('if its tags may have changed and the policy reads tags', () => {
    expect(concernsPolicy({ what: 'twinChanged', sections: ['tags'] }, readsTags)).toBe(true);
    expect(concernsPolicy({ what: 'twinChanged' }, readsTags)).toBe(true);
    expect(concernsPolicy({ what: 'twinChanged', sections: ['desired'] }, readsTags)).toBe(false);
    expect(concernsPolicy({ what: 'twinChanged', sections: ['tags'] }, [specOf('present', 'enforce', { tags })])).toBe(
      false,
    );
  });
});
