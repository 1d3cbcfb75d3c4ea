import { randomInt } from 'node:crypto';

/** Number of inputs for each fuzz test in `npm test`; `npm run fuzz` sets more by FUZZ_INPUTS. */
const usualInputs = 2000;
/** Limit of the usual tests (jest.config.js), and time allowed for each input: only a hang exceeds both. */
const hangMs = 600_000;
const worstInputMs = 20;

export interface FuzzRuns {
  parameters: { numRuns: number; seed: number };
  /** Time limit for the test. */
  timeoutMs: number;
}

/** Reads FUZZ_INPUTS and FUZZ_SEED; prints the seed, to repeat a run. Throws `RangeError` for an invalid number. */
export function fuzzRuns(what: string): FuzzRuns {
  const numRuns = wholeNumber('FUZZ_INPUTS') ?? usualInputs;
  const seed = wholeNumber('FUZZ_SEED') ?? randomInt(2 ** 31);
  process.stderr.write(`fuzz: ${what}: ${numRuns} inputs; repeat with FUZZ_INPUTS=${numRuns} FUZZ_SEED=${seed}\n`);
  return { parameters: { numRuns, seed }, timeoutMs: hangMs + numRuns * worstInputMs };
}

function wholeNumber(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,10}$/.test(text)) throw new RangeError(`${name} must be a whole number`);
  return Number(text);
}
