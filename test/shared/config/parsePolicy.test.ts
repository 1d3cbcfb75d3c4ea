import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePolicy } from '../../../shared/config/parsePolicy.ts';
import { defaultSpec } from '../../../shared/policy/defaultSpec.ts';

/** The problems of a policy, as `path: message` lines. */
function problemsOf(policy: unknown): string[] {
  const result = parsePolicy(typeof policy === 'string' ? policy : JSON.stringify(policy));
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
}

function problemsOfSpec(spec: object): string[] {
  return problemsOf([{ moduleId: 'agent', ...spec }]);
}

describe('parsePolicy', () => {
  test('a module id alone gets every default', () => {
    expect(parsePolicy('[{"moduleId":"agent"}]')).toEqual({ ok: true, value: [defaultSpec('agent')] });
  });

  test('everything that is written is kept', () => {
    const spec = {
      moduleId: 'agent',
      ensure: 'present',
      authentication: 'certificateAuthority',
      twin: { mode: 'seed', tags: { a: { b: [1, 'x', true] } }, desired: { c: 1.5 } },
      select: { edge: true, deviceIds: ['a\\*'], tags: { 'a.b': ['x', 1, false] }, exemptTag: 'e' },
      stop: { maxChanges: 7, maxFailurePercent: 0 },
    };
    expect(parsePolicy(JSON.stringify([spec]))).toEqual({ ok: true, value: [spec] });
  });

  test('what a later version will do is refused with a sentence', () => {
    expect(problemsOfSpec({ ensure: 'absent', twin: { mode: 'enforce' } })).toEqual([
      '[0].ensure: this version cannot take modules away yet; write "present", or leave the spec out',
      '[0].twin.mode: this version cannot keep a twin as it is written here yet; write "seed" to write it once, with the module',
    ]);
  });

  test('every problem is reported, with its path', () => {
    const problems = problemsOf([
      { moduleId: '$edgeAgent', authentication: 'x509', select: { edge: 'no', deviceIds: [], tags: { '': ['a'] } } },
      { select: { exemptTag: 'a..b', tags: { a: [] } }, stop: { maxChanges: 0, maxFailurePercent: 101 } },
      'agent',
    ]);
    expect(problems.map((problem) => problem.slice(0, problem.indexOf(':')))).toEqual([
      '[0].moduleId',
      '[0].authentication',
      '[0].select.edge',
      '[0].select.deviceIds',
      '[0].select.tags.(an odd key)',
      '[1].moduleId',
      '[1].select.tags.a',
      '[1].select.exemptTag',
      '[1].stop.maxChanges',
      '[1].stop.maxFailurePercent',
      '[2]',
    ]);
    expect(problems.filter((problem) => problem.includes('Invalid'))).toEqual([]);
  });

  test('a key that it does not know is named, with the one that it resembles', () => {
    expect(problemsOfSpec({ selcet: {}, banana: 1 })).toEqual([
      '[0]: has no selcet: did you mean select?; has no banana: write one of moduleId, ensure, authentication, twin, select, stop',
    ]);
  });

  test('a module may be named once only', () => {
    expect(problemsOf([{ moduleId: 'a' }, { moduleId: 'A' }, { moduleId: 'a' }])).toEqual([
      '[2].moduleId: is the same as in [0]; name each module once',
    ]);
  });

  test.each(['', 'x', '{}', '[]', 'null', '"agent"', '[{"moduleId":"a"}'])('%j is refused as a whole', (text) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^: (is not JSON|write a list)/);
  });

  test('a key that JavaScript treats in its own way is refused, not dropped', () => {
    expect(problemsOf('[{"moduleId":"a","select":{"tags":{"a":["x"],"__proto__":["y"]}}}]')).toEqual([
      ': take the key __proto__ away',
    ]);
  });

  test('a pattern must not end in a single backslash', () => {
    expect(
      problemsOfSpec({ select: { deviceIds: ['a\\', 'a\\\\', 'a\\\\\\'] } }).map((text) => text.slice(0, 27)),
    ).toEqual(['[0].select.deviceIds[0]: en', '[0].select.deviceIds[2]: en']);
  });

  test('a twin that is left alone has no seed', () => {
    expect(problemsOfSpec({ twin: { mode: 'off' } })).toEqual([]);
    expect(problemsOfSpec({ twin: { mode: 'off', desired: { a: 1 } } })[0]).toContain('leaves the twin alone');
  });

  test('no text makes it throw, and whatever it accepts is made of legal specs', () => {
    const json = fc.oneof(
      fc.json(),
      fc.jsonValue().map((value) => JSON.stringify([{ moduleId: 'a', select: value }])),
    );
    fc.assert(
      fc.property(fc.oneof(json, fc.string()), (text) => {
        const result = parsePolicy(text);
        return result.ok ? result.value.every(({ ensure }) => ensure === 'present') : result.problems.length > 0;
      }),
    );
  });

  test('deep nesting is answered, not a crash', () => {
    const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
    expect(problemsOf(`[{"moduleId":"a","twin":{"desired":${deep}}}]`)).toHaveLength(1);
    expect(problemsOf('['.repeat(50_000))).toHaveLength(1);
  });
});
