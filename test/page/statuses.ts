import type { HubStatus, Status } from '../../shared/api/statusSchemas.ts';
import { noCounts } from '../../shared/run/counts.ts';

const at = '2026-11-29T09:00:00.000Z';
const atMs = Date.parse(at);
const dayMs = 24 * 3600 * 1000;
const iso = (ms: number) => new Date(ms).toISOString();

type Brief = HubStatus['runs'][number];

/** Thirty nights: a backfill, then few creates, some failures, a failed run, a cancelled one and dry runs. */
function nights(hub: number): Brief[] {
  return Array.from({ length: 30 }, (_, night) => {
    const startMs = atMs - night * dayMs - 7 * 3600 * 1000;
    const stamp = iso(startMs).replace(/[-:]|\.\d+/g, '');
    const kind = (night + hub) % 11;
    return {
      ...{ runId: `${stamp}-${(0x1000 + night).toString(16)}`, dryRun: kind === 4 },
      status: kind === 7 && night > 0 ? ('failed' as const) : kind === 9 ? ('cancelled' as const) : ('done' as const),
      ...{
        requestedAt: iso(startMs),
        startedAt: iso(startMs),
        finishedAt: iso(startMs + (20 + ((night * 7) % 13)) * 60_000),
      },
      ...{
        startedBy: kind === 4 ? ('http' as const) : ('timer' as const),
        policy: '5e0e1f5a4f0c6a0b',
        devicesAtStart: 40_000 - night * 30,
      },
      reason:
        kind === 7 && night > 0
          ? 'The hub has refused the app for a day. Give it the role IoT Hub Registry Contributor.'
          : null,
      counts: {
        ...noCounts(),
        ...{ devices: 40_000, selected: 38_000, unchanged: 37_900, excluded: { edge: 1_800, exempt: 200 } },
        ...{
          created: night === 29 ? 900 : 20 + ((night * 37 + hub * 13) % 90),
          failed: night % 6 === 1 ? 12 + night : 0,
        },
      },
      causes: {},
      exemptions: { active: 180, endsSoon: 3, ended: 1, withoutEnd: 16, unreadable: 0 },
    };
  });
}

/** A hub that is covered. */
export function covered(hub: string, index = 0): HubStatus {
  const runs = nights(index);
  const runId = runs[0]?.runId ?? '';
  const devices = 40_000 + index * 311;
  return {
    ...{ hub, hostName: `${hub}.azure-devices.net`, paused: false, outOfService: null, unknown: [] },
    coverage: {
      ...{ asOf: runs[0]?.finishedAt ?? at, runId, share: 1, incomplete: false, policyIsCurrent: true, undoneBy: null },
      counts: {
        ...{ devices, selected: devices - 2_000, withModule: devices - 2_000, missing: 0, gone: 0 },
        ...{ excluded: { edge: 1_800, exempt: 200 }, blocked: {} },
      },
    },
    lastFinishedSweep: { runId, finishedAt: runs[0]?.finishedAt ?? at },
    nextSweep: '2026-11-30T02:00:00.000Z',
    ...{
      liveRun: null,
      queuedRun: null,
      waitingFor: null,
      pending: 0,
      outage: null,
      refusedSince: null,
      fullSince: null,
    },
    headroom: { places: 540_000, countedAt: runs[0]?.startedAt ?? at },
    full: { on: '2031-03-02', devicesPerDay: 30.2, measuredFrom: iso(atMs - 29 * dayMs), measuredTo: at },
    rollouts: [],
    givenUp: [],
    budget: {
      registry: { grantedPerMinute: 50, learnedPerMinute: null, usedLastMinute: 12 },
      queries: { grantedPerMinute: 10, learnedPerMinute: 6.5, usedLastMinute: 0 },
      twinReads: { grantedPerMinute: 300, learnedPerMinute: null, usedLastMinute: 0 },
    },
    runs,
    failures: { runId, total: 0, causes: [] },
    health: {
      DefenderIotMicroAgent: {
        ...{ healthy: 36_100, failed: 140, silent: 1_760 },
        invalidFields: { collectors_process: 130, highPriorityMessageFrequency: 12 },
        oldestActivity: '2026-08-02T11:00:00.000Z',
      },
    },
  };
}

/** A hub that lacks `missing` modules and has `blocked` devices. */
export function lacking(hub: string, missing: number, blocked: Record<string, number>, index = 0): HubStatus {
  const whole = covered(hub, index);
  const lost = missing + Object.values(blocked).reduce((sum, one) => sum + one, 0);
  const counts = whole.coverage?.counts;
  if (!whole.coverage || !counts) return whole;
  const withModule = counts.selected - lost;
  return {
    ...whole,
    pending: 17,
    coverage: {
      ...whole.coverage,
      share: withModule / counts.selected,
      counts: { ...counts, withModule, missing, blocked },
    },
    failures: {
      runId: whole.coverage.runId,
      total: lost,
      causes: [
        {
          outcome: 'failed',
          reason: 'ThrottlingException',
          count: missing,
          advice: 'Wait for the next sweep, or lower the share of the rate that others use.',
        },
        ...Object.entries(blocked).map(([reason, count]) => ({
          ...{
            outcome: 'blocked',
            reason,
            count,
            advice: 'The device is disabled. Enable it, or exempt it with a tag.',
          },
        })),
      ],
    },
  };
}

/** A hub with a live run at a third of its devices. */
export function running(hub: string, index = 0): HubStatus {
  const whole = covered(hub, index);
  return {
    ...whole,
    rollouts: [{ moduleId: 'telemetry-agent', wave: 2, waves: 4, doneAt: null, held: 'Too many failed.' }],
    liveRun: {
      ...{ hub, runId: '20261129T084000Z-4f2a', status: 'running', dryRun: false, undoes: null },
      ...{
        requestedAt: iso(atMs - 1_200_000),
        startedAt: iso(atMs - 1_200_000),
        finishedAt: null,
        checkpointAt: iso(atMs - 3_000),
      },
      ...{
        startedBy: 'http',
        reason: null,
        waitingFor: 'The hub throttles; the next call is made at 09:00:20.',
        policySource: 'blob',
        policyEtag: null,
      },
      counts: { ...noCounts(), devices: 13_500, selected: 13_000, unchanged: 12_500, created: 460, failed: 40 },
      ...{
        causes: { failed: { ThrottlingException: 40 } },
        exemptions: null,
        health: {},
        devicesAtEnd: null,
        policy: '5e0e1f5a4f0c6a0b',
      },
      progress: { pages: 135, perMinute: 675, estimatedEnd: iso(atMs + 2_370_000), throttledMs: 95_000 },
      ...{ preflight: null, totalDevices: 40_000 },
    },
  };
}

/** A status with these hubs. */
export function statusOf(hubs: HubStatus[]): Status {
  return {
    ...{ at, version: '1.2.3', schedule: '0 0 2 * * *', sweepDisabled: false },
    policy: { fingerprint: '5e0e1f5a4f0c6a0b', source: 'blob', modules: ['DefenderIotMicroAgent'], problems: [] },
    ...{ warnings: [], hubs },
  };
}

/** Forty hubs, some of each kind; the worst stands in the middle. */
export function fortyHubs(): HubStatus[] {
  const hubs = Array.from({ length: 40 }, (_, index) =>
    covered(`plant-${String(index + 1).padStart(2, '0')}-westeurope`, index),
  );
  const name = (index: number) => hubs[index]?.hub ?? '';
  const change = (index: number, to: Partial<HubStatus>) => {
    const hub = hubs[index];
    if (hub) hubs[index] = { ...hub, ...to };
  };
  hubs[20] = lacking(name(20), 5_000, { disabled: 120 }, 20);
  hubs[5] = lacking(name(5), 0, { disabled: 12, tooManyModules: 3 }, 5);
  hubs[31] = lacking(name(31), 12, {}, 31);
  hubs[8] = running(name(8), 8);
  change(3, {
    refusedSince: '2026-11-29T02:00:00.000Z',
    waitingFor:
      'The hub has refused the app since 2026-11-29T02:00:00.000Z; the reason of its last run says which key or role is missing.',
  });
  change(12, { paused: true, nextSweep: null, waitingFor: 'The hub is paused in the settings.' });
  change(14, { coverage: null, lastFinishedSweep: null, runs: [], failures: null, headroom: null, full: null });
  change(17, {
    outOfService: [{ setting: 'HUBS[17].tier', message: 'Write one of F1, B1, B2, B3, S1, S2, S3.' }],
    coverage: null,
    runs: [],
  });
  change(25, { unknown: [{ what: 'recent/plant-26.json', why: 'The stored document is not JSON: it was damaged.' }] });
  change(27, {
    full: { on: '2026-12-12', devicesPerDay: 900.5, measuredFrom: iso(atMs - 29 * dayMs), measuredTo: at },
  });
  return hubs;
}
