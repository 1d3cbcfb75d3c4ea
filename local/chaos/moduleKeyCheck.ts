import type { HubState } from '../emulator/state/hubState.ts';

/** Finds modules that were deleted or replaced, by hashes of their keys: a module that is created again has other keys. */
export class ModuleKeyCheck {
  private readonly hub: HubState;
  private readonly hashes = new Map<string, { deviceId: string; moduleId: string; hash: string }>();

  constructor(hub: HubState) {
    this.hub = hub;
  }

  /** Adds new modules; returns one sentence for each known module that is gone or has other keys. */
  check(): string[] {
    const changed: string[] = [];
    for (const { deviceId, moduleId, hash } of this.hashes.values()) {
      if (!this.hub.module(deviceId, moduleId)) changed.push(`${deviceId}/${moduleId} is gone`);
      else if (this.hub.keyHash(deviceId, moduleId) !== hash) changed.push(`${deviceId}/${moduleId} has other keys`);
    }
    for (const { deviceId, moduleId } of this.hub.modules()) {
      const key = `${deviceId}\n${moduleId}`; // ids contain no line breaks
      if (!this.hashes.has(key)) {
        this.hashes.set(key, { deviceId, moduleId, hash: this.hub.keyHash(deviceId, moduleId) });
      }
    }
    return changed;
  }
}
