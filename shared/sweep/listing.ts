import type { Clock } from '../clock.ts';
import type { HubBudgets } from '../hub/hubBudgets.ts';
import type { Registry } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { changedPairs } from '../run/counts.ts';
import type { OpenRun } from '../run/openRun.ts';
import { sampleOfDay } from './believeFound.ts';
import { restartListing } from './checkpointNotes.ts';
import { ContinuationRefusedError } from './examinePage.ts';
import { minPageRows, PageReader, pageRows, type ReadPage } from './pageReader.ts';
import { RunFailedError } from './runFailedError.ts';

/**
 * The largest number of restarts in a row without progress. Without a limit, a run would never end on a hub that always refuses
 * its own tokens.
 */
const maxRestartsInVain = 3;

/**
 * The largest number of changes that are read ahead of their calls, after a refused token or while windows are closed. With ids of 36
 * characters they take some 450 KB of the run's document, which is written every two seconds.
 */
const maxReadAhead = 10_000;

/** What a listing needs. */
export interface ListingDeps {
  pageRegistry: Registry;
  budgets: HubBudgets;
  policy: Policy;
  clock: Clock;
  signal: AbortSignal;
}

/** The listing of a run's devices during one slice: when its next page is read, and what follows a refused token. */
export class Listing {
  private readonly openRun: OpenRun;
  private readonly deps: ListingDeps;
  private pages: PageReader | undefined;
  private isTokenRefused = false;

  constructor(openRun: OpenRun, deps: ListingDeps) {
    this.openRun = openRun;
    this.deps = deps;
  }

  /**
   * Whether `next` must be called now. A page is added when nothing else is left to send (`nothingToSend`). A hub that has refused
   * a token may let its tokens expire: from then on each page is added as soon as it is read, so that its token is used within
   * seconds and not after the creates of the page before.
   */
  mustGoOn(nothingToSend: boolean): boolean {
    const { listed, restarts, todo, continuation } = this.openRun.run.checkpoint;
    if (listed) return false;
    // If nothing can be sent, the todo contains only changes that wait for a window.
    if (nothingToSend) return todo.length < maxReadAhead;
    if (restarts === 0 || this.isTokenRefused || todo.length >= maxReadAhead) return false;
    const pages = this.pageReader();
    pages.prepare(continuation);
    return pages.isReady;
  }

  /** The next page; undefined if the hub refused its token, so that `restart` must follow. Throws as `PageReader.next`. */
  async next(): Promise<ReadPage | undefined> {
    if (this.isTokenRefused) return undefined;
    try {
      return await this.pageReader().next(this.openRun.run.checkpoint.continuation);
    } catch (error) {
      if (!(error instanceof ContinuationRefusedError)) throw error;
      this.isTokenRefused = true;
      return undefined;
    }
  }

  /** Stops reading; see `PageReader.stop`. */
  async stop(): Promise<ReadPage[]> {
    return (await this.pages?.stop()) ?? [];
  }

  /**
   * Begins at the first page again. Throws `RunFailedError` after too many restarts in a row without progress. A listing makes
   * progress if it gets further than all before it, or if a change was made during it. Both can happen only a limited number of times.
   */
  restart(): void {
    const { run } = this.openRun;
    const { restarts, restartsInVain: inVain, furthest, mayRemove } = run.checkpoint;
    const hasProgress = run.counts.devices > furthest || (changedPairs(run.counts) > 0 && !run.dryRun);
    const restartsInVain = hasProgress ? 0 : inVain + 1;
    if (restartsInVain >= maxRestartsInVain) {
      throw new RunFailedError(
        `The hub refused to continue the listing ${restarts + 1} times, and the listing got no further than ${furthest} devices; start a new run later.`,
      );
    }
    const { budgets, policy, clock } = this.deps;
    restartListing(this.openRun, 'The hub refused to continue the listing', {
      restarts: restarts + 1,
      mayRemove,
      restartsInVain,
      furthest: Math.max(furthest, run.counts.devices),
      pageRows: pageRows(budgets, policy),
      listingSince: new Date(clock.now()).toISOString(),
    });
    this.pages = undefined;
    this.isTokenRefused = false;
  }

  private pageReader(): PageReader {
    const { checkpoint, requestedAt } = this.openRun.run;
    const noRemoval = checkpoint.mayRemove ? {} : { noRemoval: 'needsDryRun' as const };
    const listing = {
      pageRows: checkpoint.pageRows ?? minPageRows,
      sample: sampleOfDay(requestedAt),
      ...noRemoval,
    };
    this.pages ??= new PageReader({ ...this.deps, registry: this.deps.pageRegistry, ...listing });
    return this.pages;
  }
}
