import { CliError } from '../cliError.ts';

/** What the hubs said that were asked, and a line for each that could not be asked now. */
export interface HubAnswers<T> {
  answers: T[];
  notAsked: string[];
}

/**
 * Asks every hub; one that cannot be asked now, as it is throttled or away, keeps no answer of another. Throws `CliError` if none
 * answers, and for what no later try would change.
 */
export async function askEachHub<T>(hubs: readonly string[], ask: (hub: string) => Promise<T>): Promise<HubAnswers<T>> {
  const answers: T[] = [];
  const notAsked: string[] = [];
  const failures: CliError[] = [];
  await Promise.all(
    hubs.map(async (hub) => {
      try {
        answers.push(await ask(hub));
      } catch (error) {
        if (!(error instanceof CliError) || error.retryAfterMs === undefined) throw error;
        failures.push(error);
        notAsked.push(`${hub} could not be asked: ${error.message}`);
      }
    }),
  );
  const [first] = failures;
  if (first && answers.length === 0) throw first;
  return { answers, notAsked: notAsked.toSorted() };
}
