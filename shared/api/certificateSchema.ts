import * as z from 'zod/mini';
import { count, countByReason, described, named, runId, textOrNull, time, timeOrNull } from './basics.ts';
import { exemption } from './deviceSchemas.ts';
import { fingerprint, policySource } from './policySchemas.ts';
import { counts, startedBy } from './runSchemas.ts';

export const certificate = named(
  'Certificate',
  z.object({
    kind: z.literal('module-keeper-coverage'),
    version: z.literal(1),
    issuedAt: time,
    hub: z.object({ name: z.string(), hostName: z.string() }),
    app: z.object({ version: described(z.string(), 'Of the app that issued it.') }),
    policy: z.object({
      fingerprint: described(
        fingerprint,
        'The first 16 hex digits of the SHA-256 of the JSON of `specs` in which the keys of all objects are sorted.',
      ),
      source: z.nullable(policySource),
      etag: described(textOrNull, 'ETag of policy.json, for a policy from there.'),
      specs: described(z.array(z.record(z.string(), z.unknown())), 'The policy with all defaults.'),
    }),
    run: described(
      z.object({
        runId,
        startedBy,
        startedAt: timeOrNull,
        listingSince: described(timeOrNull, 'When the listing began that the counts come from.'),
        finishedAt: timeOrNull,
        devicesAtEnd: described(z.nullable(count), 'Devices that the hub counted when the listing had ended.'),
        counts,
      }),
      'The sweep that the certificate rests on.',
    ),
    modules: z.array(
      z.object({
        moduleId: z.string(),
        ensure: z.enum(['present', 'patched', 'absent']),
        covered: described(
          count,
          'Devices that the policy selects and that have the module as the policy wants it; with absent: that lack it.',
        ),
        hash: described(z.string().check(z.regex(/^[0-9a-f]{64}$/)), 'Over the ids of these devices; see `algorithm`.'),
        failed: described(count, 'Devices that failed in that sweep.'),
      }),
    ),
    uncovered: z.object({ failed: count, blocked: countByReason }),
    exemptions: z.object({
      counts: described(z.nullable(countByReason), 'Lines by state.'),
      lines: described(z.array(exemption), 'At most 10,000.'),
      notShown: described(count, 'How many more there are; getExemptions lists all.'),
    }),
    algorithm: z.object({ name: z.literal('sha256-sum-mod-2^256'), description: z.string() }),
    signed: z.literal(false),
    whyNotSigned: z.string(),
  }),
);

/** The answer of `GET /api/hubs/{hub}/certificate`. */
export type Certificate = z.infer<typeof certificate>;
