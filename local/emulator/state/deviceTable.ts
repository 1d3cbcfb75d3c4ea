import type { DeviceRow } from './identityRow.ts';

const blockSize = 1024;

/** Permutes the positions within a block of slots, so that callers cannot rely on an order of query results. */
const slotAt = (position: number): number =>
  Math.floor(position / blockSize) * blockSize + ((position * 421 + 7) % blockSize);

/**
 * The devices of a hub by id, and by stable positions at which a query can continue. A deleted device stays in the
 * table as a ghost for a while: queries still return it, reads do not.
 */
export class DeviceTable {
  private readonly byId = new Map<string, DeviceRow>();
  private readonly ghosts = new Map<string, DeviceRow>();
  private readonly slots: (DeviceRow | undefined)[] = [];
  private readonly freeSlots: number[] = [];

  get size(): number {
    return this.byId.size;
  }

  get(deviceId: string): DeviceRow | undefined {
    return this.byId.get(deviceId);
  }

  /** A deleted device that queries may still return. */
  ghost(deviceId: string): DeviceRow | undefined {
    return this.ghosts.get(deviceId);
  }

  values(): Iterable<DeviceRow> {
    return this.byId.values();
  }

  add(row: DeviceRow): void {
    this.dropGhost(row.deviceId);
    row.slot = this.freeSlots.pop() ?? this.slots.length;
    this.slots[row.slot] = row;
    this.byId.set(row.deviceId, row);
  }

  /** Deletes `row`; it remains as a ghost until `ghostUntilMs`. */
  remove(row: DeviceRow, ghostUntilMs: number): void {
    this.byId.delete(row.deviceId);
    row.ghostUntilMs = ghostUntilMs;
    this.ghosts.set(row.deviceId, row);
  }

  /** Removes expired ghosts. All ghosts last equally long, so the map, in order of deletion, has the expired ones first. */
  expireGhosts(nowMs: number): void {
    for (const ghost of this.ghosts.values()) {
      if (ghost.ghostUntilMs !== undefined && ghost.ghostUntilMs > nowMs) return;
      this.dropGhost(ghost.deviceId);
    }
  }

  /** End of the positions, exclusive; they begin at 0. */
  get endPosition(): number {
    return Math.ceil(this.slots.length / blockSize) * blockSize;
  }

  /** The device or ghost at a position. Each slot has exactly one position. */
  at(position: number): DeviceRow | undefined {
    return this.slots[slotAt(position)];
  }

  private dropGhost(deviceId: string): void {
    const ghost = this.ghosts.get(deviceId);
    if (!ghost) return;
    this.ghosts.delete(deviceId);
    this.slots[ghost.slot] = undefined;
    this.freeSlots.push(ghost.slot);
  }
}
