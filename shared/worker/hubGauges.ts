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
 * Records how one hub stands: pending devices, whether it refuses the app, the age of its last finished sweep, and what that
 * sweep found. Alerts look at these levels, which each round tells again, and so need no single message. Of a paused hub only
 * the pending devices are recorded, because nothing is meant to change the rest; and nothing about the coverage of a sweep that
 * did not see all devices.
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

/** How long ago a stored time is; undefined if there is none, or one ahead, which an instance with a wrong clock has stored. */
function agoMs(time: string | undefined, nowMs: number): number | undefined {
  const ms = nowMs - Date.parse(time ?? '');
  if (Number.isNaN(ms) || ms < -clockSkewMs) return undefined;
  return Math.max(0, ms);
}

/** Notes since when sweeps of the hub are expected, and returns its document. A pause, during which none is, starts it anew. */
async function markWatched(documents: Documents, hub: string, paused: boolean, nowMs: number): Promise<HubDocument> {
  const isMarked = ({ watchedSince }: HubDocument) =>
    paused ? watchedSince === undefined : agoMs(watchedSince, nowMs) !== undefined;
  const before = await readHubDocument(documents, hub);
  if (isMarked(before)) return before;
  return updateHubDocument(documents, hub, ({ watchedSince: _old, ...document }) => {
    return paused ? document : { ...document, watchedSince: new Date(nowMs).toISOString() };
  });
}
