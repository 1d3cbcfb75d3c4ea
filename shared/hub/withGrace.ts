import type { Clock } from '../clock.ts';

/**
 * How long a call under way may still take once its signal is aborted. A process that is told to end has 5 s in all (the
 * Functions host's WorkerConstants), and what is not answered by then is looked up by the next slice.
 */
const graceMs = 3_000;

/** What `work` comes to; rejects with the signal's reason if that is not known soon after the signal is aborted. */
export async function withGrace<T>(work: Promise<T>, clock: Clock, signal: AbortSignal): Promise<T> {
  const { promise: graceOver, reject } = Promise.withResolvers<never>();
  const answered = new AbortController();
  const onAbort = async () => {
    try {
      await clock.sleep(graceMs, answered.signal);
    } finally {
      reject(signal.reason); // heard by nobody if the answer came first
    }
  };
  const beginGrace = () => void onAbort().catch((error: unknown) => reject(error));
  if (signal.aborted) beginGrace();
  else signal.addEventListener('abort', beginGrace, { once: true });
  try {
    return await Promise.race([work, graceOver]);
  } finally {
    signal.removeEventListener('abort', beginGrace);
    answered.abort();
  }
}
