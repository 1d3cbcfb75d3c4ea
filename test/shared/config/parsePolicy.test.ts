import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parsePolicy } from '../../../shared/config/parsePolicy.ts';
import { defaultSpec } from '../../../shared/policy/moduleSpec.ts';

/** Returns the problems of a policy, as `path: message` lines. */
function problemsOf(policy: unknown): string[] {
  const result = parsePolicy(typeof policy === 'string' ? policy : JSON.stringify(policy));
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
}

function problemsOfSpec(spec: object): string[] {
  return problemsOf([{ moduleId: 'agent', ...spec }]);
}

describe('parsePolicy', () => {
  test('adds every default to a module id', () => {
    expect(parsePolicy('[{"moduleId":"agent"}]')).toEqual({ ok: true, value: [defaultSpec('agent')] });
  });

  test('keeps every value of a spec', () => {
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

  test.each([
    [{ ensure: 'absent' }, '[0].stop.maxChanges: is needed with "ensure": "absent"'],
    [{ ensure: 'absent', stop: { maxChanges: 1 }, twin: { mode: 'off' } }, '[0].twin: a module that should be absent'],
    [
      { ensure: 'absent', stop: { maxChanges: 1 }, authentication: 'sas' },
      '[0].authentication: a module that is "absent"',
    ],
    [{ ensure: 'patched' }, '[0].twin: is needed with "ensure": "patched"'],
    [
      { ensure: 'patched', twin: { tags: { a: 1 } }, authentication: 'sas' },
      '[0].authentication: a module that is "patched"',
    ],
    [{ removal: {} }, '[0].removal: belongs to "ensure": "absent"'],
    [{ ensure: 'patched', twin: { tags: {} } }, '[0].twin: is needed with "ensure": "patched"'],
    [{ twin: { mode: 'enforce', tags: {}, desired: {} } }, '[0].twin: mode "enforce" has nothing to enforce'],
    [{ twin: { tags: { a: ['\ud800'] } } }, '[0].twin.tags.a[0]: has a lone surrogate'],
    [{ twin: { tags: { '\ud800': 1 } } }, '[0].twin.tags.(not shown): a twin key has'],
    [{ twin: { mode: 'enforce' } }, '[0].twin: mode "enforce" has nothing to enforce'],
    [{ moduleId: '__proto__' }, '[0].moduleId: this id has a special meaning'],
    [{ ensure: 'gone' }, '[0].ensure: write "present", "patched" or "absent"'],
    [{ twin: { mode: 'once' } }, '[0].twin.mode: write "seed", "enforce" or "off"'],
  ])('refuses %j, and says what to write', (spec, problem) => {
    expect(problemsOfSpec(spec)).toEqual([expect.stringContaining(problem)]);
  });

  test.each([
    ['-0', 'a hub keeps no -0; write 0'],
    ['1e400', 'is too large for a number'],
  ])('refuses the number %s in a twin, which no hub would return as it is', (number, problem) => {
    const parsed = parsePolicy(`[{"moduleId":"a","twin":{"mode":"enforce","tags":{"n":${number}}}}]`);
    expect(parsed.ok ? [] : parsed.problems.map(({ message }) => message)).toContainEqual(
      expect.stringContaining(problem),
    );
  });

  test('gives a spec that removes modules the safe rules unless it says otherwise', () => {
    const text = (removal: object) =>
      JSON.stringify([{ moduleId: 'old', ensure: 'absent', stop: { maxChanges: 5 }, ...removal }]);
    const removalOf = (removal: object) => {
      const parsed = parsePolicy(text(removal));
      return parsed.ok ? parsed.value[0]?.removal : parsed.problems;
    };
    expect(removalOf({})).toEqual({ dryRun: 'required', connected: 'leave' });
    expect(removalOf({ removal: { connected: 'remove' } })).toEqual({ dryRun: 'required', connected: 'remove' });
  });

  test('reports every problem with its path', () => {
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
      '[0].select.tags.(not shown)',
      '[1].moduleId',
      '[1].select.tags.a',
      '[1].select.exemptTag',
      '[1].stop.maxChanges',
      '[1].stop.maxFailurePercent',
      '[2]',
    ]);
    expect(problems.filter((problem) => problem.includes('Invalid'))).toEqual([]);
  });

  test.each(['^cork-.*$', 'cork-.*$', 'cork-[0-9]*', 'line 1*', 'cork/*'])(
    'refuses the pattern %s, which matches no device id, with what to write',
    (pattern) => {
      expect(problemsOfSpec({ select: { deviceIds: [pattern] } })).toEqual([
        expect.stringMatching(/^\[0\]\.select\.deviceIds\[0\]: can match no device id.*such as "cork-\*"/),
      ]);
    },
  );

  test.each(['cork-*', 'v1.*', 'a\\*b', "press-'?'", '50%_#1\\?', 'price-$', '(a,b)'])(
    'accepts the pattern %s',
    (pattern) => {
      expect(problemsOfSpec({ select: { deviceIds: [pattern] } })).toEqual([]);
    },
  );

  test('refuses a tag path that begins with tags, with what to write', () => {
    expect(problemsOfSpec({ select: { exemptTag: 'tags.site' } })).toEqual([
      '[0].select.exemptTag: write the path below tags, such as "site" in place of "tags.site"',
    ]);
    expect(problemsOfSpec({ select: { tags: { 'tags.site': ['a'] } } })).toEqual([
      expect.stringContaining('without "tags." before it'),
    ]);
    expect(problemsOfSpec({ select: { tags: { tags: ['a'] } } })).toEqual([]);
  });

  test('refuses more modules than a device can have', () => {
    const specs = (count: number) => Array.from({ length: count }, (_, index) => ({ moduleId: `m${index}` }));
    expect(problemsOf(specs(50))).toEqual([]);
    expect(problemsOf(specs(51))).toEqual([': has more than 50 modules, and a device can have 50']);
  });

  test('reads a rollout and windows with their defaults', () => {
    const rollout = { waves: ['lab-*', ['a', 'b\\*'], '5%', '12.5 %'] };
    const windows = [{ from: '22:00', to: '04:00' }];
    const result = parsePolicy(JSON.stringify([{ moduleId: 'agent', rollout, windows }]));
    expect(result).toMatchObject({
      ok: true,
      value: [
        {
          rollout: {
            waves: [{ deviceIds: ['lab-*'] }, { deviceIds: ['a', 'b\\*'] }, { percent: 5 }, { percent: 12.5 }],
            pauseHours: 24,
            stopWhen: { failedPercent: 1, unhealthyPercent: 1 },
          },
          windows: [{ days: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'], from: '22:00', to: '04:00' }],
        },
      ],
    });
  });

  test.each([
    [{ rollout: {} }, '[0].rollout.waves: write a list of waves'],
    [{ rollout: { waves: [] } }, '[0].rollout.waves: write a list of waves'],
    [{ rollout: { waves: [5] } }, '[0].rollout.waves[0]: write a pattern'],
    [{ rollout: { waves: [[]] } }, '[0].rollout.waves[0]: write a pattern'],
    [{ rollout: { waves: ['^a.*$'] } }, '[0].rollout.waves[0]: can match no device id'],
    [{ rollout: { waves: ['0%'] } }, '[0].rollout.waves[0]: write a percentage above 0'],
    [{ rollout: { waves: ['101%'] } }, '[0].rollout.waves[0]: write a percentage above 0'],
    ...['.5%', '0,5%', '5%%', '+5%', '-5%', '1e1%', '1_000%'].map((text): [object, string] => [
      { rollout: { waves: [text] } },
      '[0].rollout.waves[0]: write a percentage with digits and a point, such as "0.5%"',
    ]),
    [{ rollout: { waves: [['.5%']] } }, '[0].rollout.waves[0][0]: a percentage is a wave of its own'],
    [{ rollout: { waves: [['5%']] } }, '[0].rollout.waves[0][0]: a percentage is a wave of its own'],
    [{ rollout: { waves: ['30%', '5%'] } }, '[0].rollout.waves[1]: a percentage includes those before it'],
    [{ rollout: { waves: ['5%'], pauseHours: -1 } }, '[0].rollout.pauseHours: write a number of hours'],
    [{ rollout: { waves: ['5%'], stopWhen: { failedPercent: 101 } } }, '[0].rollout.stopWhen.failedPercent: write'],
    [{ windows: [] }, '[0].windows: write a list of windows'],
    [{ windows: [{ from: '22:00', to: '22:00' }] }, '[0].windows[0]: is empty'],
    [{ windows: [{ from: '24:00', to: '04:00' }] }, '[0].windows[0].from: write the time in UTC'],
    [{ windows: [{ from: '9:00', to: '10:00' }] }, '[0].windows[0].from: write the time in UTC'],
    [{ windows: [{ days: ['monday'], from: '09:00', to: '10:00' }] }, '[0].windows[0].days[0]: write a day as one of'],
    [{ windows: [{ days: [], from: '09:00', to: '10:00' }] }, '[0].windows[0].days: write a list of days'],
  ])('refuses %j', (part, problem) => {
    expect(problemsOfSpec(part).join('\n')).toContain(problem);
  });

  test('suggests a known key for a similar unknown one', () => {
    expect(problemsOfSpec({ selcet: {}, banana: 1 })).toEqual([
      '[0]: has the unknown key selcet: did you mean select?; has the unknown key banana: write one of moduleId, ensure, authentication, twin, select, stop, removal, rollout, windows',
    ]);
  });

  test('refuses two specs of one module', () => {
    expect(problemsOf([{ moduleId: 'a' }, { moduleId: 'A' }, { moduleId: 'a' }])).toEqual([
      '[2].moduleId: is also in [0]; write every module only once',
    ]);
  });

  test.each(['', 'x', '{}', '[]', 'null', '"agent"', '[{"moduleId":"a"}'])('refuses %j with one problem', (text) => {
    const problems = problemsOf(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^: (is not JSON|write a list)/);
  });

  test('refuses the key __proto__ and does not drop it', () => {
    expect(problemsOf('[{"moduleId":"a","select":{"tags":{"a":["x"],"__proto__":["y"]}}}]')).toEqual([
      ': remove the key __proto__',
    ]);
  });

  test('refuses a pattern that ends in a single backslash', () => {
    expect(
      problemsOfSpec({ select: { deviceIds: ['a\\', 'a\\\\', 'a\\\\\\'] } }).map((text) => text.slice(0, 27)),
    ).toEqual(['[0].select.deviceIds[0]: en', '[0].select.deviceIds[2]: en']);
  });

  test('refuses a twin seed with mode "off"', () => {
    expect(problemsOfSpec({ twin: { mode: 'off' } })).toEqual([]);
    expect(problemsOfSpec({ twin: { mode: 'off', desired: { a: 1 } } })[0]).toContain('does not write the twin');
  });

  test('does not throw for any text, and returns only valid specs', () => {
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

  test('refuses deep nesting without a crash', () => {
    const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
    expect(problemsOf(`[{"moduleId":"a","twin":{"desired":${deep}}}]`)).toHaveLength(1);
    expect(problemsOf('['.repeat(50_000))).toHaveLength(1);
  });
});
