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
  private underWay = 0;

  /** `before`: what the hub document says. */
  constructor(deps: HeadroomDeps, { fullSince, headroom }: Pick<HubDocument, 'fullSince' | 'headroom'>) {
    this.deps = deps;
    this.isFull = fullSince !== undefined;
    this.places = headroom?.places ?? null;
  }

  /** Whether `reserve` counts the hub first. */
  get isSmall(): boolean {
    return this.isFull || (this.places !== null && this.places - this.underWay < smallHeadroom);
  }

  /**
   * Reserves places for up to `most` devices of `each` modules; returns for how many. None: those of the batches under way are the
   * last ones. Throws `HubFullError` if no device has a place, and as the registry. Each reservation must be ended by `release`.
   */
  async reserve(most: number, each: number): Promise<number> {
    if (this.isSmall) await this.recount();
    const free = this.places === null ? most * each : Math.max(0, this.places - this.underWay);
    const devices = Math.min(most, Math.floor(free / each));
    if (devices === 0 && this.underWay === 0) throw new HubFullError();
    this.underWay += devices * each;
    return devices;
  }

  /** Ends a reservation. The modules of `used` devices are taken as made. */
  release(devices: number, each: number, used: number): void {
    this.underWay -= devices * each;
    if (this.places !== null) this.places -= used * each;
  }

  private async recount(): Promise<void> {
    const { registry, documents, hub } = this.deps;
    const { headroom } = await countHub(registry);
    // If the hub counted its modules earlier and cannot count them now, it may be full. If it never counted, it refuses by itself.
    if (headroom === null && this.places !== null) throw new HubFullError();
    if (headroom === null) return;
    this.places = headroom;
    if (!this.isFull || headroom === 0) return;
    await writeFullSince(documents, hub.name, undefined);
    this.isFull = false;
  }
}
