import * as z from 'zod/mini';
import { defaultModuleId, moduleIdProblem } from '../policy/moduleId.ts';
import type { TwinObject } from '../policy/moduleSpec.ts';
import { objectOf } from './jsonSetting.ts';
import { microAgentProblems } from './microAgentSettings.ts';
import { rolloutSchema } from './rolloutSchema.ts';
import { described, glob, listOf, optional, percent } from './schemaParts.ts';
import { isTwinKey, twinSeedProblems } from './twinSeed.ts';
import { windowsSchema } from './windowsSchema.ts';

const flag = z.boolean({ error: 'write true or false' });

const moduleId = z.string({ error: 'write the id of the module, such as "DefenderIotMicroAgent"' }).check((ctx) => {
  const message = moduleIdProblem(ctx.value);
  if (message !== undefined) ctx.issues.push({ code: 'custom', message, input: ctx.value });
});

const ensure = z.enum(['present', 'patched', 'absent'], { error: 'write "present", "patched" or "absent"' });

const authentication = z.enum(['inherit', 'sas', 'certificateAuthority'], {
  error: 'write "inherit", "sas" or "certificateAuthority"',
});

const twinMode = z.enum(['seed', 'enforce', 'off'], { error: 'write "seed", "enforce" or "off"' });

const twin = objectOf({
  mode: optional(
    twinMode,
    'seed: written when the app creates the module, and when another program has created it anew; enforce: whenever the twin differs; off: never. Default: seed.',
  ),
  tags: optional(sectionOf('tags'), 'Tags of the module.'),
  desired: optional(sectionOf('desired'), 'Desired properties of the module.'),
  unchecked: optional(
    flag,
    'Whether desired may contain settings that the documentation of the micro agent does not name.',
  ),
}).check(
  z.refine(({ mode, tags, desired }) => mode !== 'off' || (tags === undefined && desired === undefined), {
    error: 'mode "off" does not write the twin; leave out tags and desired, or write mode "seed" or "enforce"',
  }),
  z.refine((twin) => twin.mode !== 'enforce' || writesKeys(twin), {
    error: 'mode "enforce" has nothing to enforce; write tags or desired',
  }),
);

const tagPath = z.string({ error: 'write the path of a tag, such as "location.plant"' }).check(
  z.refine((path) => !/^tags\./i.test(path), {
    error: 'write the path below tags, such as "site" in place of "tags.site"',
  }),
  z.refine((path) => path.split('.').every(isTwinKey), {
    error: 'write the path of a tag, such as "location.plant"',
  }),
);

const tagValue = z.union([z.string(), z.number(), z.boolean()], { error: 'write a string, a number, true or false' });

const tagConditions = z
  .record(tagPath, listOf(tagValue, 'write the list of values that the tag may have, such as ["north", "south"]'), {
    error: (issue) =>
      issue.code === 'invalid_key'
        ? 'a tag path consists of tag names and dots, without "tags." before it, such as "location.plant"'
        : 'write an object that maps tag paths to lists of values, such as {"location.plant": ["north"]}',
  })
  .check(z.refine((paths) => Object.keys(paths).length > 0, { error: 'is empty; leave it out, or write a tag path' }));

const wholeFromOne = 'write a whole number from 1';

/** A device has at most 50 modules ("Understand and use module twins in IoT Hub"). */
const maxModules = 50;

const moduleSpecShape = objectOf({
  moduleId: described(moduleId, 'Id of the module; each module once.'),
  ensure: optional(
    ensure,
    'present: created where it is missing; patched: never created, but its twin is written where another program created it; absent: removed by runs. Default: present.',
  ),
  authentication: optional(
    authentication,
    'How the module authenticates. Default: inherit, as the Azure portal does it.',
  ),
  twin: optional(twin, 'What is written into the twin of the module.'),
  select: optional(
    objectOf({
      edge: optional(flag, 'Whether IoT Edge devices are included. Default: false.'),
      deviceIds: optional(
        listOf(glob, 'write a list of patterns, such as ["line-*"]; leave it out to select all devices'),
        'Patterns; at least one must match the device id. * matches any characters, ? matches one, \\ before a character takes it literally.',
      ),
      tags: optional(tagConditions, 'Paths of tags, each with the values that the tag may have; all must match.'),
      exemptTag: optional(
        tagPath,
        'Path of a tag that exempts a device: true, a reason, or an object with until (a date or time) and reason. After until, the device is selected again.',
      ),
    }),
    'Which devices the spec applies to; all conditions must be met.',
  ),
  stop: optional(
    objectOf({
      maxChanges: optional(
        z.int({ error: wholeFromOne }).check(z.minimum(1, { error: wholeFromOne })),
        'A run stops changing the module before it would change it on more devices than this.',
      ),
      maxFailurePercent: optional(
        percent,
        'A run stops changing the module if it failed on more than this percentage of the devices seen, after the first 100. Default: 10.',
      ),
    }),
    'When a run stops changing the module.',
  ),
  removal: optional(
    objectOf({
      dryRun: optional(
        z.enum(['required', 'off'], { error: 'write "required" or "off"' }),
        'required: a run removes only if a dry run of the same policy ended within the 24 hours before. Default: required.',
      ),
      connected: optional(
        z.enum(['leave', 'remove'], { error: 'write "leave" or "remove"' }),
        'What happens to a module that is connected. Default: leave, and report it.',
      ),
    }),
    'How runs remove the module; only with ensure "absent".',
  ),
  rollout: optional(rolloutSchema, 'In which order the module reaches the devices. Default: all at once.'),
  windows: optional(windowsSchema, 'When runs may change the module; events are served at any time. Default: always.'),
});

const moduleSpec = moduleSpecShape.check(
  (ctx) => {
    for (const { path, message } of ensureProblems(ctx.value)) {
      ctx.issues.push({ code: 'custom', input: ctx.value, message, path });
    }
  },
  (ctx) => {
    const { moduleId, twin } = ctx.value;
    if (moduleId !== defaultModuleId || twin?.desired === undefined || twin.unchecked === true) return;
    for (const { path, message } of microAgentProblems(twin.desired)) {
      const advice = `${message}; or write "unchecked": true beside desired, for an agent that knows more settings`;
      ctx.issues.push({ code: 'custom', input: twin.desired, message: advice, path: ['twin', 'desired', ...path] });
    }
  },
);

function writesKeys({ tags = {}, desired = {} }: { tags?: TwinObject; desired?: TwinObject } = {}): boolean {
  return Object.keys(tags).length + Object.keys(desired).length > 0;
}

/** Returns a problem for each member that contradicts `ensure`, or that `ensure` requires and is missing. */
function ensureProblems({ ensure = 'present', authentication, twin, stop, removal }: SpecJson) {
  const problems: { path: string[]; message: string }[] = [];
  const refuse = (path: string[], message: string) => problems.push({ path, message });
  if (ensure === 'absent') {
    if (twin !== undefined) refuse(['twin'], 'a module that should be absent has no twin to write; leave it out');
    if (stop?.maxChanges === undefined) {
      refuse(
        ['stop', 'maxChanges'],
        'is needed with "ensure": "absent"; write how many modules one run may remove at most',
      );
    }
  } else if (removal !== undefined) {
    refuse(['removal'], 'belongs to "ensure": "absent"; leave it out');
  }
  if (ensure !== 'present' && authentication !== undefined) {
    refuse(['authentication'], `a module that is "${ensure}" is never created; leave it out`);
  }
  if (ensure === 'patched' && !writesKeys(twin)) {
    refuse(['twin'], 'is needed with "ensure": "patched"; write the tags or desired properties');
  }
  return problems;
}

/** Schema of the JSON of a policy (docs/settings.md). `parsePolicy` adds the defaults. */
export const policySchema = listOf(
  moduleSpec,
  'write a list with one object for each module, such as [{"moduleId":"DefenderIotMicroAgent"}]',
).check(z.maxLength(maxModules, { error: `has more than ${maxModules} modules, and a device can have ${maxModules}` }));

type SpecJson = z.infer<typeof moduleSpecShape>;

/** The policy as the user wrote it. */
export type PolicyJson = z.infer<typeof policySchema>;

/** Schema of any JSON object that the hub accepts in this section of a twin. The parsed value is the input, unchanged. */
function sectionOf(section: 'tags' | 'desired') {
  const error = `write an object with the ${section === 'tags' ? section : 'desired properties'} of the module`;
  const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
  return z.custom<TwinObject>(isObject, { error, abort: true }).check((ctx) => {
    for (const problem of twinSeedProblems(section, ctx.value)) {
      // A copy for each issue, because zod changes the array.
      ctx.issues.push({ code: 'custom', input: ctx.value, message: problem.message, path: [...problem.path] });
    }
  });
}
