import type { Clock } from '../clock.ts';
import type { HubConfig } from '../config/config.ts';
import { grantedPerMinute } from '../hub/hubBudgets.ts';
import { maxAheadMs, type Spending, SpendingWindow } from '../hub/spendingWindow.ts';
import { type Documents, StaleDocumentError } from '../storage/documents.ts';
import { updateHubDocument } from './hubDocument.ts';
import type { HubDocument } from './storedHub.ts';

/** Whether registry operations may be sent now; if not, after how long to ask again. */
export type Claim = { given: true } | { given: false; retryAfterMs: number };

/** The share of the grant for calls outside the worker. The rest lets a worker that begins send its calls at once. */
const intakeShare = 0.5;
/** How long to wait before the next claim while a worker is active, or after too many write conflicts. */
const busyRetryMs = 10_000;

/**
 * Claims `cost` registry operations for a call outside the hub's worker, to be sent at once. The account is `spending` in the hub
 * document: the operations of the last minute. The next slice of the worker begins with this account, so that the worker and all
 * other processes keep to one grant. While a worker is active, it keeps the account, and no claim is given. Throws what storage
 * throws.
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
      const nowMs = readAtMs ?? clock.now(); // the clocks of processes differ, so the account uses the clock of the storage
      const window = accountOf(document, nowMs);
      claim = decide(window, maxOperations(hub, document), cost, nowMs);
      return claim.given && window ? withClaim(document, window, cost, nowMs) : undefined;
    });
  } catch (error) {
    if (!(error instanceof StaleDocumentError)) throw error;
    return { given: false, retryAfterMs: busyRetryMs };
  }
  // A claim is dated `maxAheadMs` ahead and is not used after that time, so no operation is sent later than the account says.
  const isLate = clock.elapsedMs() - startMs > maxAheadMs;
  return isLate ? { given: false, retryAfterMs: busyRetryMs } : claim;
}

/**
 * The account of the hub: empty if no slice has begun on the hub yet. Undefined while a slice holds the account, and after a
 * slice that could not write it back; the next slice writes it.
 */
function accountOf({ wokenAt, activeRun, spending }: HubDocument, nowMs: number): SpendingWindow | undefined {
  const isNew = wokenAt === undefined && activeRun === undefined;
  const { registry } = spending ?? {};
  return registry || isNew ? new SpendingWindow(registry?.lastMinute ?? [], nowMs) : undefined;
}

/** After throttling, the learned rate is a limit for every caller and not only for the worker. */
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
