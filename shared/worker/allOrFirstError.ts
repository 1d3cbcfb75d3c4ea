/**
 * Waits for all tasks and returns their results. After a first error, aborts `stop` with it, waits until the others have ended, and
 * throws that error; `onFurther` gets each other error that a task has thrown.
 */
export async function allOrFirstError<T>(
  tasks: readonly Promise<T>[],
  stop: AbortController,
  onFurther: (error: unknown) => void,
): Promise<T[]> {
  let first: { error: unknown } | undefined;
  for (const task of tasks) {
    task.catch((error: unknown) => {
      first ??= { error };
      stop.abort(error);
    });
  }
  const results = await Promise.allSettled(tasks);
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  if (!first) return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const { error: thrown } = first;
  for (const error of new Set(errors)) if (error !== thrown) onFurther(error);
  throw thrown;
}
