import { countHub, HubFullError } from '../hub/headroom.ts';
import type { Registry } from '../hub/registry.ts';
import { type HubDocument, smallHeadroom, writeFullSince } from '../run/hubDocument.ts';
import type { Documents } from '../storage/documents.ts';

/** What counting the hub needs. */
export interface HeadroomDeps {
  registry: Registry;
  documents: Documents;
  hub: { name: string };
}

/**
 * The headroom that the pending devices of one hub may use during one slice. While little is left, the hub is counted again before
 * each batch, because its owner and events create too.
 */
export class PendingHeadroom {
  private readonly deps: HeadroomDeps;
  private isFull: boolean;
  /** The headroom at the last count, less the modules created since; null if the hub was never counted. */
  private places: number | null;
  /** The headroom that the batches under way have reserved. */
  private reserved = 0;

  /** `before`: what the hub document says. */
  constructor(deps: HeadroomDeps, { fullSince, headroom }: Pick<HubDocument, 'fullSince' | 'headroom'>) {
    this.deps = deps;
    this.isFull = fullSince !== undefined;
    this.places = headroom?.places ?? null;
  }

  /** Whether `reserve` counts the hub first. */
  get isSmall(): boolean {
    return this.isFull || (this.places !== null && this.places - this.reserved < smallHeadroom);
  }

  /**
   * Reserves headroom for up to `most` devices with `each` modules. Returns the number of devices; 0 if the batches under way have
   * reserved what is left. Throws `HubFullError` if no batch is under way and no device fits, and as the registry. `release` must
   * end each reservation.
   */
  async reserve(most: number, each: number): Promise<number> {
    if (this.isSmall) await this.recount();
    const free = this.places === null ? most * each : Math.max(0, this.places - this.reserved);
    const devices = Math.min(most, Math.floor(free / each));
    if (devices === 0 && this.reserved === 0) throw new HubFullError();
    this.reserved += devices * each;
    return devices;
  }

  /** Ends a reservation. Assumes that all modules of `used` devices were created. */
  release(devices: number, each: number, used: number): void {
    this.reserved -= devices * each;
    if (this.places !== null) this.places -= used * each;
  }

  private async recount(): Promise<void> {
    const { registry, documents, hub } = this.deps;
    const { headroom } = await countHub(registry);
    // If the hub counted its modules earlier and cannot count them now, it may be full. If it never counted them, only its refusal
    // of a create can show that it is full.
    if (headroom === null && this.places !== null) throw new HubFullError();
    if (headroom === null) return;
    this.places = headroom;
    if (!this.isFull || headroom === 0) return;
    await writeFullSince(documents, hub.name, undefined);
    this.isFull = false;
  }
}
