import { randomInt } from 'node:crypto';

/** Number of worlds of each test in `npm test`; `npm run worlds` sets more by WORLDS. */
const usualWorlds = 150;
/** Limit of the usual tests (jest.config.js), and time allowed for each world: only a hang exceeds both. */
const hangMs = 600_000;
const worstWorldMs = 2_000;

/** Reads WORLDS and WORLDS_SEED; prints how to repeat the run. Throws `RangeError` for an invalid number. */
export function worldRuns(what: string): { parameters: { numRuns: number; seed: number }; timeoutMs: number } {
  const numRuns = wholeNumber('WORLDS') ?? usualWorlds;
  const seed = wholeNumber('WORLDS_SEED') ?? randomInt(2 ** 31);
  process.stderr.write(`worlds: ${what}: ${numRuns}; repeat with WORLDS=${numRuns} WORLDS_SEED=${seed}\n`);
  return { parameters: { numRuns, seed }, timeoutMs: hangMs + numRuns * worstWorldMs };
}

function wholeNumber(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  if (!/^\d{1,10}$/.test(text)) throw new RangeError(`${name} must be a whole number`);
  return Number(text);
}
