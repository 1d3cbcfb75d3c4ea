/** What `work` comes to; rejects with the signal's reason as soon as that is aborted, and `work` then goes on unheard. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal?.reason);
  if (signal?.aborted) stop();
  else signal?.addEventListener('abort', stop);
  try {
    return await Promise.race([aborted, work]);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
