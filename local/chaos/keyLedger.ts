import type { HubState } from '../emulator/state/hubState.ts';

/** Remembers the keys of every module ever seen on a hub, as hashes: a module that is made twice changes them. */
export class KeyLedger {
  private readonly hub: HubState;
  private readonly hashes = new Map<string, { deviceId: string; moduleId: string; hash: string }>();

  constructor(hub: HubState) {
    this.hub = hub;
  }

  /** Takes in what is there now; answers the modules whose keys changed or that are gone, in words. */
  look(): string[] {
    const changed: string[] = [];
    for (const { deviceId, moduleId, hash } of this.hashes.values()) {
      if (!this.hub.module(deviceId, moduleId)) changed.push(`${deviceId}/${moduleId} is gone`);
      else if (this.hub.keyHash(deviceId, moduleId) !== hash) changed.push(`${deviceId}/${moduleId} has other keys`);
    }
    for (const { deviceId, moduleId } of this.hub.modules()) {
      const key = `${deviceId}\n${moduleId}`; // neither can hold a line break
      if (!this.hashes.has(key)) {
        this.hashes.set(key, { deviceId, moduleId, hash: this.hub.keyHash(deviceId, moduleId) });
      }
    }
    return changed;
  }
}
