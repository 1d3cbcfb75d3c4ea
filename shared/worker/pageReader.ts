import type { HubBudgets } from '../hub/hubBudgets.ts';
import type { Registry } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { type ExaminedPage, examinePage, listPage } from './listing.ts';

/** A page is asked for with as many rows as so much budget can create modules for, within these bounds (design section 5). */
const pageWorthMs = 120_000;
/** As many as a hub surely gives at once; Microsoft's pages differ on how many more. */
export const minPageRows = 100;
const maxPageRows = 1_000;

export interface ReadPage {
  /** Undefined behind the last page. */
  continuation: string | undefined;
  examined: ExaminedPage;
}

/** Reads and examines the pages of a listing, one ahead of what is being created. */
export class PageReader {
  private readonly deps: { registry: Registry; budgets: HubBudgets; policy: Policy };
  private ahead: Promise<ReadPage | { error: unknown }> | undefined;

  constructor(deps: { registry: Registry; budgets: HubBudgets; policy: Policy }) {
    this.deps = deps;
  }

  /** The page that was begun ahead, else the one at `continuation`. Throws as `listPage` and `examinePage`. */
  async next(continuation: string | undefined): Promise<ReadPage> {
    const read = await (this.ahead ?? this.read(continuation));
    this.ahead = undefined;
    if ('error' in read) throw read.error;
    return read;
  }

  /** Begins to read the page that will be asked for next. */
  begin(continuation: string | undefined): void {
    this.ahead = this.read(continuation);
  }

  /** Never rejects: a page that is asked for ahead may fail while nobody is waiting for it yet. */
  private async read(continuation: string | undefined): Promise<ReadPage | { error: unknown }> {
    const { registry, budgets, policy } = this.deps;
    const maxRows = Math.min(maxPageRows, Math.max(minPageRows, budgets.registry.worthOf(pageWorthMs)));
    try {
      const page = await listPage(registry, policy, maxRows, continuation);
      return { continuation: page.continuation, examined: await examinePage(registry, policy, page) };
    } catch (error) {
      return { error };
    }
  }
}
