import type { DeviceRow } from './identityRow.ts';

const blockSize = 1024;

/** Within a block of slots, positions hop about: query results come in no order that a reader could rely on. */
const slotAt = (position: number): number =>
  Math.floor(position / blockSize) * blockSize + ((position * 421 + 7) % blockSize);

/** Where the devices are: by id, and in slots whose positions stay put, so that a query can go on where it stopped. */
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

  /** Takes `row` out; until `ghostUntilMs` queries still find it. */
  remove(row: DeviceRow, ghostUntilMs: number): void {
    this.byId.delete(row.deviceId);
    row.ghostUntilMs = ghostUntilMs;
    this.ghosts.set(row.deviceId, row);
  }

  /** Forgets the ghosts whose time is over. Every ghost lasts equally long, so the oldest go first. */
  expireGhosts(nowMs: number): void {
    for (const ghost of this.ghosts.values()) {
      if (ghost.ghostUntilMs !== undefined && ghost.ghostUntilMs > nowMs) return;
      this.dropGhost(ghost.deviceId);
    }
  }

  /** Positions run from 0 to below this. */
  get endPosition(): number {
    return Math.ceil(this.slots.length / blockSize) * blockSize;
  }

  /** The device, alive or ghost, at a position. Each slot has exactly one position. */
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
