import { type CallerFinding, type CallerState, callerNext, callerStart } from './protocol.ts';

/** The three actions of a caller that has work for a hub's worker. */
export interface EnqueueWork {
  /** Stores the work (a pending device, a run) where the hub's worker looks for it. */
  store(): Promise<void>;
  /** Whether the hub's lease is held now; must not be cached. */
  isHeld(): Promise<boolean>;
  /** Sends a wake-up. */
  wake(): Promise<void>;
}

/** Stores work for a hub's worker and sends a wake-up if no worker is active. Throws what the three actions throw. */
export async function enqueueWork(how: EnqueueWork): Promise<void> {
  for (let state = callerStart; state.does !== 'end'; ) state = callerNext(state, await perform(state, how));
}

async function perform(state: Exclude<CallerState, { does: 'end' }>, how: EnqueueWork): Promise<CallerFinding> {
  switch (state.does) {
    case 'store':
      await how.store();
      return 'stored';
    case 'lookAtLease':
      return (await how.isHeld()) ? 'held' : 'free';
    case 'wake':
      await how.wake();
      return 'woken';
  }
}
