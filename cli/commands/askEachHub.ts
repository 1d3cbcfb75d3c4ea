import { CliError } from '../cliError.ts';

/** The answers of the hubs, and a line for each hub that could not be asked now. */
export interface HubAnswers<T> {
  answers: T[];
  notAsked: string[];
}

/**
 * Asks every hub, and returns the answers also if some hubs cannot be asked now, for example because they are throttled. Throws
 * `CliError` if no hub answers, and for an error that a later try would not change.
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
