import * as z from 'zod/mini';
import {
  count,
  countByReason,
  described,
  named,
  runId,
  settingProblem,
  textOrNull,
  time,
  timeOrNull,
  unreadable,
} from './basics.ts';
import { moduleHealth, run, runBrief } from './runSchemas.ts';

const coverage = named(
  'Coverage',
  described(
    z.object({
      asOf: described(time, 'When that sweep ended. Later changes, such as creates by events, are not included.'),
      runId,
      share: described(
        z.nullable(z.number()),
        'Share (0 to 1) of the pairs of a selected device and a module in which the device has the module; null if there are none, or if the sweep did not see all devices.',
      ),
      incomplete: described(z.boolean(), 'Whether the listing of that sweep lacked devices.'),
      policyIsCurrent: described(
        z.nullable(z.boolean()),
        'Whether that sweep had the policy now in force; null if its run is not among the last 30.',
      ),
      undoneBy: described(
        z.nullable(runId),
        'The undo that was started after that sweep, and creates modules again that the sweep counted as removed; null if there is none.',
      ),
      counts: z.object({
        devices: count,
        selected: count,
        withModule: described(count, 'Pairs that have the module.'),
        missing: described(count, 'Pairs that lack the module because its create failed.'),
        gone: described(count, 'Pairs whose device was deleted during the sweep.'),
        excluded: described(countByReason, 'Devices that no module selects, by reason.'),
        blocked: described(countByReason, 'Pairs that an operator must unblock, by reason.'),
      }),
    }),
    'What the last finished sweep found. Dry runs do not count.',
  ),
);

const budget = z.object({
  grantedPerMinute: z.number(),
  learnedPerMinute: described(
    z.nullable(z.number()),
    'The lower rate that the app uses after the hub throttled it; null if it uses the granted rate.',
  ),
  usedLastMinute: described(
    z.nullable(z.number()),
    'Operations of the last minute; null while a worker is active on the hub, because only the worker knows the number.',
  ),
});

const hubMembers = {
  hub: described(textOrNull, 'Name of the hub; null if its entry in the settings has none that can be read.'),
  hostName: described(textOrNull, 'Null if the hub is out of service.'),
  paused: z.boolean(),
  outOfService: described(z.nullable(z.array(settingProblem)), 'The problems of its settings; null if there are none.'),
  unknown: described(
    z.array(unreadable),
    'What could not be read and why; the members that depend on it are null or empty.',
  ),
  coverage: described(z.nullable(coverage), 'Null if no sweep of the hub has finished yet.'),
  lastFinishedSweep: z.nullable(z.object({ runId, finishedAt: z.string() })),
  nextSweep: described(timeOrNull, 'By the schedule; null if the hub is paused or nightlySweep is disabled.'),
  liveRun: described(z.nullable(run), 'The run that the worker works on.'),
  queuedRun: described(z.nullable(run), 'The run that follows it.'),
  waitingFor: described(textOrNull, 'Why the work on the hub waits at present and what to do; null if it does not.'),
  pending: described(z.nullable(count), 'Approximate number of devices that wait in the queue of the hub.'),
  outage: described(
    z.nullable(z.object({ since: time, slices: count, reason: z.string(), comeBackAt: timeOrNull })),
    'Since when the hub has served no request, and when the worker tries again.',
  ),
  refusedSince: described(timeOrNull, 'Since when the hub has refused the app in every slice.'),
  fullSince: described(timeOrNull, 'Since when only the reserved headroom remains: no modules are created.'),
  headroom: described(
    z.nullable(z.object({ places: count, countedAt: time })),
    'Modules that could be created when a run counted the hub last.',
  ),
  full: described(
    z.nullable(
      z.object({
        on: described(z.iso.date(), 'The day on which the headroom is used up.'),
        devicesPerDay: z.number(),
        measuredFrom: time,
        measuredTo: time,
      }),
    ),
    'When the hub will be full if devices are added at the pace of the last runs, each with all modules of the policy. Null if this cannot be said: less than a week or fewer than five runs were measured, the number of devices does not grow, or the day is more than ten years ahead.',
  ),
  rollouts: described(
    z.array(
      z.object({
        moduleId: z.string(),
        wave: described(count, 'The open wave, from 1.'),
        waves: described(count, 'Number of waves, with the last one for all devices that no wave names.'),
        doneAt: described(
          timeOrNull,
          'When a run found the open wave done, so that the pause before the next wave began. Null before.',
        ),
        held: described(textOrNull, 'Why the next wave does not begin; null if nothing keeps it back.'),
      }),
    ),
    'The progress of the rollouts of the policy on this hub.',
  ),
  givenUp: described(
    z.array(z.object({ deviceId: z.string(), moduleId: z.string(), reason: textOrNull, at: z.string() })),
    'Pending devices that failed by themselves and were left to the next sweep, the newest first.',
  ),
  health: described(
    z.nullable(z.record(z.string(), moduleHealth)),
    'What the agents of the modules reported in the last finished sweep, by module id; null if none has finished, or an earlier version of the app ended it.',
  ),
  budget: described(
    z.nullable(z.record(z.string(), budget)),
    'By class of operations: registry, queries, twinReads, twinWrites. Null if the hub is out of service.',
  ),
};

/** One hub, without its runs. */
const hubState = named('HubState', z.object(hubMembers));

export const hubList = named('HubList', z.object({ hubs: z.array(hubState) }));

const cause = named(
  'Cause',
  z.object({
    outcome: z.string(),
    reason: z.string(),
    count,
    advice: described(z.string(), 'What to do about it.'),
  }),
);

const hubStatus = named(
  'HubStatus',
  z.object({
    ...hubMembers,
    runs: described(z.array(runBrief), 'The last 30 ended runs, newest first.'),
    failures: described(
      z.nullable(
        z.object({
          runId: described(runId, 'The live run if it is a real one and has begun, else the last real run that ended.'),
          total: count,
          causes: z.array(cause),
        }),
      ),
      'What failed or is blocked in the latest real run, the most frequent cause first; null if there was no real run.',
    ),
  }),
);

export const status = named(
  'Status',
  z.object({
    at: described(time, 'When this was read.'),
    version: described(z.string(), 'Version of the app.'),
    schedule: described(z.string(), 'When the nightly sweep runs: NCRONTAB with seconds, UTC.'),
    sweepDisabled: described(z.boolean(), 'Whether nightlySweep is disabled.'),
    policy: z.object({
      fingerprint: described(textOrNull, 'Null if policy.json is invalid and there is no earlier valid policy.'),
      source: described(textOrNull, 'Its source: setting, blob or default.'),
      problems: described(z.array(settingProblem), 'What is wrong with policy.json.'),
      modules: described(z.array(z.string()), 'Ids of the modules of the policy, in its order.'),
    }),
    warnings: described(z.array(settingProblem), 'Settings that are valid, but probably not as intended.'),
    hubs: z.array(hubStatus),
  }),
);

/** One hub, without its runs, as `GET /api/hubs` and `GET /api/status` return it. */
export type HubState = z.infer<typeof hubState>;
/** One hub with its last runs and what failed. */
export type HubStatus = z.infer<typeof hubStatus>;
/** The answer of `GET /api/status`. */
export type Status = z.infer<typeof status>;
