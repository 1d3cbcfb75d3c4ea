import type { Clock } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';
import { grantedPerMinute } from '../hub/hubBudgets.ts';
import { maxAheadMs, type Spending, SpendingWindow } from '../hub/spendingWindow.ts';
import { type Documents, StaleDocumentError } from '../storage/documents.ts';
import { updateHubDocument } from './hubDocument.ts';
import type { HubDocument } from './storedHub.ts';

/** Whether registry operations may be sent now; if not, when it is worth to ask again. */
export type Claim = { given: true } | { given: false; retryAfterMs: number };

/** Calls outside the worker stop at this share of the grant, so that a worker that begins then need not wait for its own. */
const intakeShare = 0.5;
/** How soon to ask again while a worker is active, or after many writers have met. */
const busyRetryMs = 10_000;

/**
 * Claims `cost` registry operations for a call outside the hub's worker, to be sent at once. The account is the spending of the
 * last minute in the hub document, with which the next slice of the worker begins: all processes together and the worker keep
 * to one grant. Not given while a worker is active: it has taken the account over.
 */
export async function claimOperations(
  { documents, clock }: { documents: Documents; clock: Clock },
  hub: HubConfig,
  cost: number,
): Promise<Claim> {
  const startMs = clock.elapsedMs();
  let claim: Claim = { given: false, retryAfterMs: busyRetryMs };
  try {
    await updateHubDocument(documents, hub.name, (document, readAtMs) => {
      const nowMs = readAtMs ?? clock.now(); // the clocks of processes differ; the account has the storage's time
      const window = accountOf(document, nowMs);
      claim = decide(window, maxOperations(hub, document), cost, nowMs);
      return claim.given && window ? withClaim(document, window, cost, nowMs) : undefined;
    });
  } catch (error) {
    if (!(error instanceof StaleDocumentError)) throw error;
    return { given: false, retryAfterMs: busyRetryMs };
  }
  // A claim is dated ahead and not used later, so that the account never misses an operation.
  const isLate = clock.elapsedMs() - startMs > maxAheadMs;
  return isLate ? { given: false, retryAfterMs: busyRetryMs } : claim;
}

/**
 * Undefined while a slice has the account, or after one that could not give it back: the next slice does. A hub that no slice has
 * begun on has an empty one.
 */
function accountOf({ wokenAt, activeRun, spending }: HubDocument, nowMs: number): SpendingWindow | undefined {
  const isNew = wokenAt === undefined && activeRun === undefined;
  const { registry } = spending ?? {};
  return registry || isNew ? new SpendingWindow(registry?.lastMinute ?? [], nowMs) : undefined;
}

/** A hub that throttled the worker gives less to all. */
function maxOperations(hub: HubConfig, { learnedRates }: HubDocument): number {
  const granted = grantedPerMinute(hub, 'registry');
  return Math.max(1, Math.floor(Math.min(granted, learnedRates?.registry ?? granted) * intakeShare));
}

function decide(window: SpendingWindow | undefined, max: number, cost: number, nowMs: number): Claim {
  if (!window) return { given: false, retryAfterMs: busyRetryMs };
  const retryAfterMs = window.roomAtMs(nowMs, cost, max) - nowMs;
  return retryAfterMs <= 0 ? { given: true } : { given: false, retryAfterMs };
}

function withClaim(document: HubDocument, window: SpendingWindow, cost: number, nowMs: number): HubDocument {
  window.add(nowMs + maxAheadMs, cost);
  const before: Omit<Spending, 'lastMinute'> = document.spending?.registry ?? {
    atMs: nowMs,
    paidAtMs: nowMs,
    rateSinceMs: nowMs,
  };
  const registry = { ...before, lastMinute: window.entries(nowMs) };
  return { ...document, spending: { ...document.spending, registry } };
}
