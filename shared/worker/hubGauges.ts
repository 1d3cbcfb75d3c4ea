import type { HubConfig } from '../config/config.ts';
import { coverageOf } from '../run/counts.ts';
import { readHubDocument } from '../run/hubDocument.ts';
import type { Documents } from '../storage/documents.ts';
import type { PendingDevices } from '../storage/queues.ts';
import { noTelemetry, type Telemetry } from '../telemetry/telemetry.ts';

interface MeasureDeps {
  documents: Documents;
  pending: Pick<PendingDevices, 'approximateCount'>;
  telemetry: Telemetry;
}

/**
 * Records the gauges of one hub: the number of pending devices, and the coverage after its last sweep. A paused hub records no
 * coverage, because nothing is meant to complete it; nor does a hub whose last sweep did not see all devices.
 */
export async function recordHubGauges(
  { documents, pending, telemetry }: MeasureDeps,
  { name: hub, paused }: Pick<HubConfig, 'name' | 'paused'>,
): Promise<void> {
  if (telemetry === noTelemetry) return; // saves the storage calls
  telemetry.gauge('keeper.pending_devices', await pending.approximateCount(hub), { hub });
  if (paused) return;
  const { lastFinishedSweep } = await readHubDocument(documents, hub);
  if (!lastFinishedSweep || lastFinishedSweep.incomplete) return;
  const share = coverageOf(lastFinishedSweep.counts);
  if (share !== undefined) telemetry.gauge('keeper.coverage', share, { hub });
}
