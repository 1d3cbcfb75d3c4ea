import type { Clock } from '../clock.ts';

/** Asks at most once in `freshMs` for each hub, for callers that only want a hint; a failure is told, but not kept. */
export function cachedByHub<T>(
  ask: (hub: string) => Promise<T>,
  clock: Clock,
  freshMs: number,
): (hub: string) => Promise<T> {
  const answers = new Map<string, { askedAtMs: number; answer: Promise<T> }>();
  return (hub) => {
    const known = answers.get(hub);
    if (known && clock.now() - known.askedAtMs < freshMs) return known.answer;
    const answer = ask(hub);
    const asked = { askedAtMs: clock.now(), answer };
    answers.set(hub, asked);
    answer.catch(() => {
      if (answers.get(hub) === asked) answers.delete(hub); // told to its callers; the next one asks again
    });
    return answer;
  };
}
