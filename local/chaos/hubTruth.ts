import type { HubState } from '../emulator/state/hubState.ts';
import type { SweepView } from './sweepClient.ts';

/** What a sweep by the default policy must find on a hub. */
export interface HubTruth {
  devices: number;
  edge: number;
  /** Not Edge, and disabled: no module can be made on them under a SAS key. */
  disabled: number;
  /** Not Edge, enabled, and without the module. */
  lacking: string[];
  modules: number;
}

export function readHubTruth(hub: HubState, moduleId: string): HubTruth {
  const truth: HubTruth = { devices: 0, edge: 0, disabled: 0, lacking: [], modules: 0 };
  for (const { deviceId, edge, status, moduleIds } of hub.devices()) {
    truth.devices += 1;
    truth.modules += moduleIds.length;
    if (edge) truth.edge += 1;
    else if (status === 'disabled') truth.disabled += 1;
    else if (!moduleIds.includes(moduleId)) truth.lacking.push(deviceId);
  }
  return truth;
}

/**
 * Holds the counts of a run that is done against the hub; answers what does not fit, in words. `joined`: how many of the
 * hub's devices came while it ran. Those are enabled and not Edge, and the listing may have met any number of them.
 */
export function countsUnlikeHub({ counts }: SweepView, truth: HubTruth, joined: number): string[] {
  const { devices, edge, disabled } = truth;
  const met = counts.devices - (devices - joined);
  const selected = counts.devices - edge;
  const wrong: string[] = [];
  const expectEqual = (what: string, is: number, should: number) => {
    if (is !== should) wrong.push(`${what} is ${is}, and by the hub ${should}`);
  };
  if (met < 0 || met > joined) {
    wrong.push(`devices is ${counts.devices}, and by the hub ${devices - joined} to ${devices}`);
  }
  expectEqual('selected', counts.selected, selected);
  expectEqual('excluded as Edge', counts.excluded.edge ?? 0, edge);
  expectEqual('all excluded', sum(counts.excluded), edge);
  expectEqual('blocked as disabled', counts.blocked.disabled ?? 0, disabled);
  expectEqual('all blocked', sum(counts.blocked), disabled);
  expectEqual('created + unchanged', counts.created + counts.unchanged, selected - disabled);
  expectEqual('gone', counts.gone, 0);
  expectEqual('failed', counts.failed, 0);
  return wrong;
}

function sum(byReason: Record<string, number>): number {
  return Object.values(byReason).reduce((total, count) => total + count, 0);
}
