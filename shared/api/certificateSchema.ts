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
    app: z.object({ version: described(z.string(), 'Version of the app that issued the certificate.') }),
    policy: z.object({
      fingerprint: described(
        fingerprint,
        'The first 16 hex digits of the SHA-256 of the JSON of `specs` in which the keys of all objects are sorted.',
      ),
      source: z.nullable(policySource),
      etag: described(textOrNull, 'ETag of policy.json, if the policy comes from it.'),
      specs: described(z.array(z.record(z.string(), z.unknown())), 'The policy with all defaults.'),
    }),
    run: described(
      z.object({
        runId,
        startedBy,
        startedAt: timeOrNull,
        listingSince: described(timeOrNull, 'When the listing began that produced the counts.'),
        finishedAt: timeOrNull,
        devicesAtEnd: described(z.nullable(count), 'Devices that the hub counted when the listing had ended.'),
        counts,
      }),
      'The sweep that the certificate is based on.',
    ),
    modules: z.array(
      z.object({
        moduleId: z.string(),
        ensure: z.enum(['present', 'patched', 'absent']),
        covered: described(
          count,
          'Devices that the policy selects and that have the module as the policy wants it; with absent: that lack it.',
        ),
        hash: described(
          z.string().check(z.regex(/^[0-9a-f]{64}$/)),
          'Hash over the ids of the covered devices; see `algorithm`.',
        ),
        failed: described(count, 'Devices that failed in that sweep.'),
      }),
    ),
    uncovered: z.object({ failed: count, blocked: countByReason }),
    exemptions: z.object({
      counts: described(z.nullable(countByReason), 'Lines by state.'),
      lines: described(z.array(exemption), 'The first 10,000 exemptions.'),
      notShown: described(count, 'Number of further exemptions; getExemptions returns all.'),
    }),
    algorithm: z.object({ name: z.literal('sha256-sum-mod-2^256'), description: z.string() }),
    signed: z.literal(false),
    whyNotSigned: z.string(),
  }),
);

/** The answer of `GET /api/hubs/{hub}/certificate`. */
export type Certificate = z.infer<typeof certificate>;
