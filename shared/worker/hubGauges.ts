import type { Clock } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';
import { coverageOf } from '../run/counts.ts';
import { type HubDocument, readHubDocument, updateHubDocument } from '../run/hubDocument.ts';
import type { Documents } from '../storage/documents.ts';
import type { PendingDevices } from '../storage/queues.ts';
import { noTelemetry, type Telemetry } from '../telemetry/telemetry.ts';

interface MeasureDeps {
  documents: Documents;
  pending: Pick<PendingDevices, 'approximateCount'>;
  clock: Clock;
  telemetry: Telemetry;
}

/** How far the clocks of two instances may differ. */
const clockSkewMs = 60_000;

/**
 * Records the state of one hub: pending devices, whether the hub refuses the app, the age of its last finished sweep, and what
 * that sweep found. Each round of the watch records these levels again, so that an alert does not depend on one log line. For a
 * paused hub it records only the pending devices, because no work is done there. It records no coverage from a sweep that did
 * not see all devices. Throws what storage throws.
 */
export async function recordHubGauges(
  { documents, pending, clock, telemetry }: MeasureDeps,
  { name: hub, paused }: Pick<HubConfig, 'name' | 'paused'>,
): Promise<void> {
  if (telemetry === noTelemetry) return; // saves the storage calls
  telemetry.gauge('keeper.pending_devices', await pending.approximateCount(hub), { hub });
  const { refusedSince, watchedSince, lastFinishedSweep } = await markWatched(documents, hub, paused, clock.now());
  if (paused) return;
  telemetry.gauge('keeper.hub_blocked', refusedSince === undefined ? 0 : 1, { hub });
  const agesMs = [watchedSince, lastFinishedSweep?.finishedAt].flatMap((time) => agoMs(time, clock.now()) ?? []);
  telemetry.gauge('keeper.sweep_age_seconds', Math.min(...agesMs) / 1000, { hub });
  if (!lastFinishedSweep || lastFinishedSweep.incomplete) return;
  const { counts } = lastFinishedSweep;
  telemetry.gauge('keeper.selects_nothing', counts.devices > 0 && counts.selected === 0 ? 1 : 0, { hub });
  const share = coverageOf(counts);
  if (share !== undefined) telemetry.gauge('keeper.coverage', share, { hub });
}

/** Milliseconds since a stored time; undefined if there is none, or if it is ahead: an instance with a wrong clock has stored it. */
function agoMs(time: string | undefined, nowMs: number): number | undefined {
  const ms = nowMs - Date.parse(time ?? '');
  if (Number.isNaN(ms) || ms < -clockSkewMs) return undefined;
  return Math.max(0, ms);
}

/**
 * Stores since when sweeps of the hub are expected (`watchedSince`), and returns the hub document. No sweep is expected of a
 * paused hub: the pause removes the time, and the end of the pause sets a new one.
 */
async function markWatched(documents: Documents, hub: string, paused: boolean, nowMs: number): Promise<HubDocument> {
  const isMarked = ({ watchedSince }: HubDocument) =>
    paused ? watchedSince === undefined : agoMs(watchedSince, nowMs) !== undefined;
  const before = await readHubDocument(documents, hub);
  if (isMarked(before)) return before;
  return updateHubDocument(documents, hub, ({ watchedSince: _old, ...document }) => {
    return paused ? document : { ...document, watchedSince: new Date(nowMs).toISOString() };
  });
}
