import { type CallerFinding, type CallerState, callerNext, callerStart } from './protocol.ts';

/** How to leave work for a hub's worker. */
export interface EnqueueWork {
  /** Puts the work where the worker finds it. */
  store(): Promise<void>;
  /** Whether the hub's lease is held at this moment; an older answer would not do. */
  isHeld(): Promise<boolean>;
  wake(): Promise<void>;
}

/** Leaves work for a hub's worker, so that it is neither forgotten nor rung for without need. */
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
