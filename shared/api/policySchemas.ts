import * as z from 'zod/mini';
import { described, named, settingProblem, textOrNull } from './basics.ts';

export const policySource = named(
  'PolicySource',
  described(
    z.enum(['setting', 'blob', 'default']),
    '`setting`: POLICY, or MODULE_ID with another module than the default; `blob`: policy.json; `default`: none of these.',
  ),
);
export const fingerprint = z.string().check(z.regex(/^[0-9a-f]{16}$/));

/** Only for the description: `PUT /api/policy` checks its body with `policySchema`. */
export const policyJson = named(
  'PolicyJson',
  described(
    z.array(z.record(z.string(), z.unknown())).check(z.minLength(1)),
    'The policy as it was written (docs/policy.schema.json).',
  ),
);

export const policy = named(
  'Policy',
  z.object({
    policySource: z.nullable(policySource),
    fingerprint: z.nullable(fingerprint),
    policyEtag: z.exactOptional(
      described(z.string(), 'ETag of the version of policy.json that is in force; absent if none is.'),
    ),
    policy: described(
      z.nullable(policyJson),
      'The policy in force, without defaults; null if policy.json is invalid and there is no earlier valid policy.',
    ),
    stored: described(
      z.nullable(z.object({ etag: z.string(), inForce: z.boolean() })),
      'The stored policy.json; null if there is none.',
    ),
    notice: z.exactOptional(described(z.string(), 'Why policy.json has no effect.')),
    problems: z.exactOptional(
      described(z.array(settingProblem).check(z.minLength(1)), 'What is wrong with policy.json.'),
    ),
  }),
);

const checkedPolicy = named('CheckedPolicy', z.object({ valid: z.literal(true), fingerprint }));

export const writtenOrChecked = named('WrittenOrChecked', z.union([policy, checkedPolicy]));

/** The members of a run about the source of its policy. */
export const ofRun = {
  policySource: described(z.nullable(policySource), 'Source of that policy; null until the run begins.'),
  policyEtag: described(textOrNull, 'ETag of policy.json, if the policy comes from it.'),
};
