import * as z from 'zod/mini';
import { outcomes } from '../reconcile/outcome.ts';
import { starters } from '../run/run.ts';
import {
  count,
  countByReason,
  described,
  named,
  problem,
  runId,
  textOrNull,
  time,
  timeOrNull,
  unreadable,
} from './basics.ts';
import { ofRun } from './policySchemas.ts';

export const counts = named(
  'Counts',
  described(
    z.object({
      devices: count,
      selected: described(count, 'Devices that at least one module of the policy selects.'),
      excluded: described(countByReason, 'Devices that no module selects, by reason: edge, deviceId, tags, exempt.'),
      created: described(count, 'Created, or in a dry run to be created.'),
      updated: described(count, 'Twin written, or in a dry run to be written.'),
      removed: described(count, 'Removed, or in a dry run to be removed.'),
      unchanged: count,
      gone: count,
      failed: count,
      blocked: described(
        countByReason,
        'Reasons: disabled, tooManyModules, tierWithoutModules, managed, connected, needsDryRun.',
      ),
      excludedPairs: count,
      unreadable: described(count, 'Rows of the listing without a device id; in no other count.'),
    }),
    '`devices`, `selected` and `excluded` count devices; everything else counts pairs of a selected device and a module of the policy. When a run is done, devices = selected + all excluded, and created + updated + removed + unchanged + gone + failed + all blocked + excludedPairs = selected × modules.',
  ),
);

const preflight = named(
  'Preflight',
  described(
    z.object({
      devices: count,
      modules: described(z.nullable(count), 'Null if the hub did not count them.'),
      places: described(
        z.nullable(count),
        "The headroom: modules that can be created before the reserved headroom under the hub's cap is reached.",
      ),
      hoursAtMost: described(
        z.number(),
        'How long the creates take at the granted rate if every device lacks every module.',
      ),
      listingMessages: described(count, 'Estimate of the messages of the daily quota that the listing costs.'),
      warnings: z.array(z.string()),
    }),
    'State of the hub before the run wrote anything.',
  ),
);

const runStatus = z.enum(['queued', 'running', 'done', 'failed', 'cancelled']);
export const startedBy = described(
  z.nullable(z.enum(starters)),
  'timer: `nightlySweep`; http: this API; watch: `watchHubs`, for a sweep that the timer owed; undo: a request that undoes another run; assistant: a tool of an assistant. Null for a run of an earlier version. The name of the function key is not known: the library for Node.js functions does not pass it on.',
);
const causes = described(
  z.partialRecord(z.enum(outcomes), countByReason),
  "How many lines the run's failures have, by outcome and then by reason.",
);
const policy = described(
  textOrNull,
  'Fingerprint of the policy that the counts belong to; null until the run begins. When the policy changes, the run begins its listing and counts anew.',
);

export const moduleHealth = z.object({
  healthy: count,
  failed: count,
  silent: described(count, 'Agents that never reported, or were active last more than three days ago.'),
  invalidFields: described(
    z.record(z.string(), count),
    'Settings that failed agents could not apply, with how many name each; at most 50 names, the others are counted as `other`.',
  ),
  oldestActivity: described(timeOrNull, 'The oldest time of activity of an agent that has one.'),
});

const exemptions = described(
  z.nullable(z.object({ active: count, endsSoon: count, ended: count, withoutEnd: count, unreadable: count })),
  'Lines of the exemptions by state; null for an undo, and if an earlier version of the app began the run.',
);

export const run = named(
  'Run',
  z.object({
    hub: z.string(),
    runId,
    status: runStatus,
    dryRun: z.boolean(),
    requestedAt: time,
    startedAt: timeOrNull,
    finishedAt: timeOrNull,
    checkpointAt: timeOrNull,
    startedBy,
    reason: described(
      textOrNull,
      'Why it failed or was cancelled and what to do, or that its listing was restarted or is not complete.',
    ),
    waitingFor: described(
      textOrNull,
      'What the run waits for at present; of a queued run: another run, a worker, or its other work.',
    ),
    counts,
    causes,
    exemptions,
    health: described(
      z.nullable(z.record(z.string(), moduleHealth)),
      'What the agents of the listed modules report, by module id; null for an undo, and if an earlier version of the app began the run.',
    ),
    devicesAtEnd: described(
      z.nullable(count),
      'Devices that the hub counted when the listing had ended; null before. If the listing differs by more than 1 %, `reason` says so.',
    ),
    policy,
    undoes: described(textOrNull, 'The run whose removals this one undoes; null for a sweep.'),
    ...ofRun,
    progress: z.object({
      pages: count,
      perMinute: described(z.nullable(z.number()), 'Devices a minute, since the listing began.'),
      estimatedEnd: described(timeOrNull, 'At that rate; null within the first minute.'),
      throttledMs: described(
        z.nullable(count),
        'Milliseconds that the run has waited because the hub throttled it; null if an earlier version of the app began the run.',
      ),
    }),
    preflight: described(z.nullable(preflight), 'Null until the run begins.'),
    totalDevices: described(z.nullable(count), 'Devices that the hub counted when the run began; null before that.'),
  }),
);

export const runBrief = named(
  'RunBrief',
  described(
    z.object({
      runId,
      status: runStatus,
      dryRun: z.boolean(),
      requestedAt: z.string(),
      startedAt: timeOrNull,
      finishedAt: timeOrNull,
      startedBy,
      reason: textOrNull,
      policy,
      counts,
      causes,
      exemptions,
      devicesAtStart: described(z.nullable(count), 'Devices of the hub when the run began.'),
    }),
    'An ended run.',
  ),
);

export const runPage = named(
  'RunPage',
  z.object({
    runs: z.array(run),
    unknown: z.exactOptional(
      described(
        z.array(
          z.extend(unreadable, {
            runId: z.exactOptional(described(runId, 'If it is the document of a run, which is then not in `runs`.')),
          }),
        ),
        'Stored documents for this page that are damaged. Absent if there are none.',
      ),
    ),
    continuation: z.exactOptional(described(z.string(), 'Missing on the last page.')),
  }),
);

export const startedUndo = named(
  'StartedUndo',
  z.object({
    hub: z.string(),
    runId,
    url: described(z.string(), 'Address of the undo.'),
    alreadyRunning: z.boolean(),
    undoes: described(runId, 'The run whose removals it undoes.'),
    note: z.string(),
  }),
);

export const startedRuns = named(
  'StartedRuns',
  z.object({
    runs: z.array(
      z.object({
        hub: z.string(),
        runId,
        url: described(z.url(), 'The address of the run (getSweep), without a key.'),
        alreadyRunning: z.boolean(),
      }),
    ),
    notStarted: z.exactOptional(
      described(
        z.array(z.object({ hub: z.string(), problem })).check(z.minLength(1)),
        'The hubs whose run could not be started, or to which no wake-up could be sent; absent if there are none. Send the request again for these hubs; if a run was started nevertheless, that run is returned.',
      ),
    ),
  }),
);

/** One page of runs, as `GET /api/sweeps` returns it. */
export type RunPage = z.infer<typeof runPage>;
/** The runs that `POST /api/sweeps` has started. */
export type StartedRuns = z.infer<typeof startedRuns>;
/** The run that `POST …/undo` has started. */
export type StartedUndo = z.infer<typeof startedUndo>;
/** A run, as all HTTP functions return it. */
export type RunAnswer = z.infer<typeof run>;
