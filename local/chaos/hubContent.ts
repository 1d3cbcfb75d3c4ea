import type { HubState } from '../emulator/state/hubState.ts';
import type { SweepView } from './sweepClient.ts';

/** The actual content of a hub, by which the counts of a sweep with the default policy are checked. */
export interface HubContent {
  devices: number;
  edge: number;
  /** Disabled devices that are not Edge devices: with a SAS key no module can be created on them. */
  disabled: number;
  /** Ids of enabled devices that are not Edge devices and do not have the module. */
  lacking: string[];
  modules: number;
}

/** Reads the content of a hub directly from the emulator. */
export function readHubContent(hub: HubState, moduleId: string): HubContent {
  const content: HubContent = { devices: 0, edge: 0, disabled: 0, lacking: [], modules: 0 };
  for (const { deviceId, edge, status, moduleIds } of hub.devices()) {
    content.devices += 1;
    content.modules += moduleIds.length;
    if (edge) content.edge += 1;
    else if (status === 'disabled') content.disabled += 1;
    else if (!moduleIds.includes(moduleId)) content.lacking.push(deviceId);
  }
  return content;
}

/**
 * Compares the counts of a finished run with the hub; returns one sentence for each difference. `joined`: the number of
 * devices created during the run. They are enabled, not Edge devices, and the sweep may have listed any number of them.
 */
export function differingCounts({ counts }: SweepView, content: HubContent, joined: number): string[] {
  const { devices, edge, disabled } = content;
  const joinedSeen = counts.devices - (devices - joined);
  const selected = counts.devices - edge;
  const wrong: string[] = [];
  const expectEqual = (what: string, actual: number, expected: number) => {
    if (actual !== expected) wrong.push(`${what} is ${actual}, but ${expected} on the hub`);
  };
  if (joinedSeen < 0 || joinedSeen > joined) {
    wrong.push(`devices is ${counts.devices}, but ${devices - joined} to ${devices} on the hub`);
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
