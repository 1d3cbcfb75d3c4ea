import { randomInt } from 'node:crypto';

/** How many inputs `npm test` tries in each fuzz test; `npm run fuzz` asks for more by FUZZ_INPUTS. */
const usualInputs = 2000;
/** What one input may take at the very worst, so that a long run is not cut off. */
const worstInputMs = 20;

export interface FuzzRuns {
  parameters: { numRuns: number; seed: number };
  /** For the test that runs them. */
  timeoutMs: number;
}

/** Reads FUZZ_INPUTS and FUZZ_SEED, and prints the seed by which a run can be repeated. Throws on a bad number. */
export function fuzzRuns(what: string): FuzzRuns {
  const numRuns = wholeNumber('FUZZ_INPUTS') ?? usualInputs;
  const seed = wholeNumber('FUZZ_SEED') ?? randomInt(2 ** 31);
  process.stderr.write(`fuzz: ${what}: ${numRuns} inputs; repeat with FUZZ_INPUTS=${numRuns} FUZZ_SEED=${seed}\n`);
  return { parameters: { numRuns, seed }, timeoutMs: 10_000 + numRuns * worstInputMs };
}

function wholeNumber(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,10}$/.test(text)) throw new RangeError(`${name} must be a whole number`);
  return Number(text);
}
