import type { HubBudgets } from '../hub/hubBudgets.ts';
import type { Registry } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { type ExaminedPage, examinePage, listPage } from './examinePage.ts';

/** A page is asked for with as many rows as so much budget can create modules for, within these bounds (design section 5). */
const pageWorthMs = 120_000;
/** As many as a hub surely gives at once; Microsoft's pages differ on how many more. */
export const minPageRows = 100;
const maxPageRows = 1_000;

/** Bounds the memory; the largest hub creates less than two pages of 1,000 while one is read. */
const maxPagesAhead = 2;

export interface ReadPage {
  /** Undefined behind the last page. */
  continuation: string | undefined;
  examined: ExaminedPage;
}

/** A page on its way. Neither promise ever rejects: nobody may be waiting for it yet. */
interface Reading {
  /** Where the listing goes on; undefined behind the last page, and where it failed. */
  listed: Promise<string | undefined>;
  read: Promise<ReadPage | { error: unknown }>;
}

export interface PageReaderDeps {
  registry: Registry;
  budgets: HubBudgets;
  policy: Policy;
  /** Once aborted no further page is begun. */
  signal: AbortSignal;
}

/** Reads and examines the pages of a listing, ahead of what is being created, while answers take longer than the pace. */
export class PageReader {
  private readonly deps: PageReaderDeps;
  private readonly readings: Reading[] = [];
  private isReadingOn = false;
  private isResting = false;

  constructor(deps: PageReaderDeps) {
    this.deps = deps;
  }

  /**
   * The page at `continuation`, and those behind it in turn. Throws as `listPage` and `examinePage`; after that the reader
   * is of no use any more.
   */
  async next(continuation: string | undefined): Promise<ReadPage> {
    const [first = this.begin(continuation)] = this.readings;
    const read = await first.read;
    if ('error' in read) throw read.error;
    this.readings.shift();
    void this.readOn(read.continuation);
    return read;
  }

  /** Begins no further page, and gives those that were begun, as far as they could be read, each once. Never rejects. */
  async rest(): Promise<ReadPage[]> {
    this.isResting = true;
    const pages: ReadPage[] = [];
    for (let next = this.readings.shift(); next; next = this.readings.shift()) {
      const page = await next.read;
      if ('error' in page) break;
      pages.push(page);
    }
    this.readings.length = 0; // what lies behind a page that is missing must be read again
    return pages;
  }

  /** Begins further pages, each as soon as the one before it says where. */
  private async readOn(continuation: string | undefined): Promise<void> {
    if (this.isReadingOn) return;
    this.isReadingOn = true;
    const last = this.readings.at(-1);
    let next = last ? await last.listed : continuation;
    const mayBegin = () => !this.isResting && !this.deps.signal.aborted && this.readings.length < this.pagesAhead();
    while (next !== undefined && mayBegin()) {
      next = await this.begin(next).listed;
    }
    this.isReadingOn = false;
  }

  private pagesAhead(): number {
    return Math.min(maxPagesAhead, this.deps.budgets.queries.concurrency(1));
  }

  private begin(continuation: string | undefined): Reading {
    const { registry, budgets, policy } = this.deps;
    const maxRows = Math.min(maxPageRows, Math.max(minPageRows, budgets.registry.worthOf(pageWorthMs)));
    const page = listPage(registry, policy, maxRows, continuation);
    const concurrency = budgets.queries.concurrency(1);
    const reading: Reading = {
      listed: page.then(
        (listed) => listed.continuation,
        () => undefined, // told by `read`
      ),
      read: page
        .then(async (listed) => ({
          continuation: listed.continuation,
          examined: await examinePage(registry, policy, listed, concurrency),
        }))
        .catch((error: unknown) => ({ error })),
    };
    this.readings.push(reading);
    return reading;
  }
}
