import type { Invoke } from './invoker.ts';

/** `invoke`, and a way to wait for all runs that have begun, however they end. */
export function trackInvocations(invoke: Invoke): { invoke: Invoke; settled(): Promise<void> } {
  const underWay = new Set<Promise<void>>();
  return {
    invoke: (registered, input) => {
      const run = invoke(registered, input);
      const ended: Promise<void> = run
        .then(
          () => undefined,
          () => undefined, // the caller's to handle
        )
        .finally(() => underWay.delete(ended));
      underWay.add(ended);
      return run;
    },
    settled: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
