import * as z from 'zod/mini';
import { exemptionStates } from '../policy/exemption.ts';
import { outcomes } from '../reconcile/outcome.ts';
import { count, described, deviceId, named, settingProblem, time } from './basics.ts';
import { fingerprint, policySource } from './policySchemas.ts';

export const failure = named(
  'Failure',
  z.object({
    deviceId: z.string(),
    moduleId: z.string(),
    outcome: z.enum(['failed', 'blocked']),
    reason: z.string(),
    advice: described(z.string(), 'What to do about it.'),
  }),
);

export const change = named(
  'Change',
  z.object({
    deviceId: z.string(),
    moduleId: z.string(),
    outcome: described(z.enum(['created', 'updated', 'removed']), 'What the run would do to the module.'),
    reason: z.exactOptional(z.string()),
  }),
);

export const exemption = named(
  'Exemption',
  z.object({
    deviceId: z.string(),
    moduleId: z.string(),
    state: described(
      z.enum(exemptionStates),
      '`endsSoon`: within 14 days; `ended`: the device counts again, and the tag can be removed; `unreadable`: the tag is not understood, and the device is left out.',
    ),
    until: z.exactOptional(described(z.string(), 'As it stands in the tag, at most 256 characters.')),
    reason: z.exactOptional(described(z.string(), 'As it stands in the tag, at most 256 characters.')),
  }),
);

export const deviceModules = named(
  'DeviceModules',
  z.object({
    hub: z.string(),
    deviceId,
    modules: z.array(
      z.object({
        moduleId: z.string(),
        state: z.enum(['present', 'missing', 'excluded']),
        reason: z.exactOptional(
          described(
            z.string(),
            'Why it is excluded (edge, deviceId, tags, exempt, noModule) or cannot be created at present (disabled, tierWithoutModules), or what is wrong with a present one (twinDiffers; onlyByRun: it should be absent, and only runs remove).',
          ),
        ),
        needs: z.exactOptional(described(z.enum(['create', 'writeTwin', 'remove']), 'What `PUT` would do now.')),
        advice: z.exactOptional(described(z.string(), 'What to do about the reason.')),
        details: z.exactOptional(
          described(
            z.object({
              isConnected: described(
                z.nullable(z.boolean()),
                'Null if the hub does not return it: with a SAS key, a hub hides the modules of a disabled device.',
              ),
              lastActivityTime: described(z.nullable(z.string()), 'Null if the module was never active.'),
              authentication: z.nullable(z.enum(['sas', 'selfSigned', 'certificateAuthority', 'none'])),
              managedBy: described(z.nullable(z.string()), 'The service that owns the module, such as IotEdge.'),
              twin: described(
                z.object({ tags: z.record(z.string(), z.unknown()), desired: z.record(z.string(), z.unknown()) }),
                'Only the top-level tags and desired properties that the policy names.',
              ),
            }),
            'Only for a module that is present, read by id. Never contains its keys.',
          ),
        ),
      }),
    ),
  }),
);

export const deviceOutcomes = named(
  'DeviceOutcomes',
  z.object({
    hub: z.string(),
    deviceId,
    modules: z.array(
      z.object({
        moduleId: z.string(),
        outcome: z.enum(outcomes),
        reason: z.exactOptional(described(z.string(), 'Present with excluded, blocked and failed.')),
      }),
    ),
  }),
);

const settingProblems = z.array(settingProblem).check(z.minLength(1));

export const health = named(
  'Health',
  z.object({
    status: z.enum(['ok', 'degraded']),
    hubs: described(count, 'Number of hubs in service. Their names are not returned, because this call needs no key.'),
    paused: described(count, 'How many of the hubs in service are paused.'),
    policySource,
    policy: described(fingerprint, 'Fingerprint of the policy in force.'),
    policyEtag: z.exactOptional(described(z.string(), 'ETag of policy.json, if the policy comes from it.')),
    policyReadAt: z.exactOptional(described(time, 'When policy.json was read; absent if a setting names the policy.')),
    outOfService: z.exactOptional(
      described(count, 'Number of hubs out of service, because their settings have problems. Absent if none.'),
    ),
    problems: z.exactOptional(
      described(settingProblems, 'The problems of the hubs out of service, and of policy.json.'),
    ),
    warnings: z.exactOptional(described(settingProblems, 'Settings that are valid, but probably not as intended.')),
    unknownHubEvents: z.exactOptional(
      described(
        count,
        'Number of events since the start of this process that named a hub that is not in the settings. Absent if none.',
      ),
    ),
  }),
);

export const misconfiguration = named(
  'Misconfiguration',
  z.object({ status: z.enum(['misconfigured', 'unavailable']), problems: settingProblems }),
);

/** A line of a run's failures. */
export type Failure = z.infer<typeof failure>;
/** A line of a dry run's changes. */
export type Change = z.infer<typeof change>;
/** A line of a run's exemptions. */
export type Exemption = z.infer<typeof exemption>;
/** The answer of `GET …/modules`. */
export type DeviceModules = z.infer<typeof deviceModules>;
/** The answer of `PUT …/modules`. */
export type DeviceOutcomes = z.infer<typeof deviceOutcomes>;
