import type { Clock } from '../clock.ts';
import type { HubBudgets } from '../hub/hubBudgets.ts';
import type { Registry } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { type Examination, type ExaminedPage, examinePage, listPage } from './examinePage.ts';

/** A page has as many devices as this time's budget can create modules for, so that its query costs little compared with them. */
const pageWorthMs = 120_000;
/** The smallest page, in rows, that the app asks for. Microsoft's documentation names 100 or 1,000 as the most that a hub returns. */
export const minPageRows = 100;
const maxPageRows = 1_000;

/** Limits memory. More pages are never needed: even the largest hub creates less than two pages of 1,000 while one is read. */
const maxPagesAhead = 2;

/**
 * Rows of a page with this policy, at the current rate. A hub expects the size that a listing began with together with its
 * token (Azure/Industrial-IoT, pull request 522), so it is calculated once for each listing.
 */
export function pageRows({ registry }: HubBudgets, policy: Policy): number {
  const rows = Math.floor(registry.worthOf(pageWorthMs) / policy.length);
  return Math.min(maxPageRows, Math.max(minPageRows, rows));
}

/** A page that was read and examined. */
export interface ReadPage {
  /** The token of the page after this one; undefined after the last page. */
  continuation: string | undefined;
  examined: ExaminedPage;
}

/** A page that is being read. Neither promise rejects, because perhaps no code awaits it yet. */
interface Reading {
  /** The token of the next page; undefined after the last page and after a failure. */
  listed: Promise<string | undefined>;
  read: Promise<ReadPage | { error: unknown }>;
  /** Whether `read` has its result. */
  isRead: boolean;
}

/** What reading pages needs. */
export interface PageReaderDeps extends Pick<Examination, 'sample' | 'noRemoval'> {
  registry: Registry;
  budgets: HubBudgets;
  policy: Policy;
  clock: Pick<Clock, 'now'>;
  /** Rows of a page, the same for every page of a listing. */
  pageRows: number;
  /** After it is aborted no further page is started. */
  signal: AbortSignal;
}

/** Reads and examines the pages of a listing; reads up to two pages ahead if responses take longer than the budget's spacing. */
export class PageReader {
  private readonly deps: PageReaderDeps;
  private readonly readings: Reading[] = [];
  private isReadingAhead = false;
  private isStopped = false;

  constructor(deps: PageReaderDeps) {
    this.deps = deps;
  }

  /** Whether `next` would return or throw without waiting for the hub. */
  get isReady(): boolean {
    return this.readings[0]?.isRead === true;
  }

  /** Starts to read the page at `continuation`, if no page was started yet, and does not wait for it. */
  prepare(continuation: string | undefined): void {
    if (this.readings.length === 0 && !this.isStopped) this.startReading(continuation);
  }

  /**
   * The page at `continuation` at the first call, then the following pages in order. Throws as `listPage` and `examinePage`;
   * the reader cannot be used after that.
   */
  async next(continuation: string | undefined): Promise<ReadPage> {
    const [first = this.startReading(continuation)] = this.readings;
    const read = await first.read;
    if ('error' in read) throw read.error;
    this.readings.shift();
    void this.readAhead(read.continuation);
    return read;
  }

  /** Starts no further page. Returns the started ones, up to the first that failed. Never rejects. */
  async stop(): Promise<ReadPage[]> {
    this.isStopped = true;
    const pages: ReadPage[] = [];
    for (let next = this.readings.shift(); next; next = this.readings.shift()) {
      const page = await next.read;
      if ('error' in page) break;
      pages.push(page);
    }
    this.readings.length = 0; // pages after the failed one must be read again
    return pages;
  }

  /** Starts further pages, each as soon as the token of the previous page is known. */
  private async readAhead(continuation: string | undefined): Promise<void> {
    if (this.isReadingAhead) return;
    this.isReadingAhead = true;
    const last = this.readings.at(-1);
    let next = last ? await last.listed : continuation;
    const mayStart = () => !this.isStopped && !this.deps.signal.aborted && this.readings.length < this.pagesAhead();
    while (next !== undefined && mayStart()) {
      next = await this.startReading(next).listed;
    }
    this.isReadingAhead = false;
  }

  private pagesAhead(): number {
    return Math.min(maxPagesAhead, this.deps.budgets.queries.concurrency(1));
  }

  private startReading(continuation: string | undefined): Reading {
    const { registry, budgets, policy, pageRows: maxRows } = this.deps;
    const page = listPage(registry, policy, maxRows, continuation);
    const concurrency = budgets.queries.concurrency(1);
    const reading: Reading = {
      isRead: false,
      listed: page.then(
        (listed) => listed.continuation,
        () => undefined, // `read` carries the error
      ),
      read: page
        .then(async (listed) => ({
          continuation: listed.continuation,
          examined: await examinePage(registry, policy, listed, {
            ...this.deps,
            concurrency,
            nowMs: this.deps.clock.now(),
          }),
        }))
        .catch((error: unknown) => ({ error })),
    };
    void reading.read.then(() => {
      reading.isRead = true;
    });
    this.readings.push(reading);
    return reading;
  }
}
