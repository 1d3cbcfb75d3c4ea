import type { Claim, Verdict } from './claim.ts';

/** A claim with what a run found. `isFailure`: it could have been settled on this hub, but no answer came. */
export interface CheckedClaim {
  claim: Claim;
  verdict: Verdict;
  isFailure: boolean;
}

/** 0: nothing that was settled differs. 1: something differs. 2: the run, or a part of it, was not possible. */
export type ExitCode = 0 | 1 | 2;

export function exitCodeOf(checked: readonly CheckedClaim[]): ExitCode {
  if (checked.some(({ verdict }) => verdict.kind === 'different')) return 1;
  return checked.some(({ isFailure }) => isFailure) ? 2 : 0;
}

/** The lines of the table, as Markdown, so that it can be pasted into an issue, and what to change in the emulator. */
export function reportLines(checked: readonly CheckedClaim[]): string[] {
  const rows = checked.map(
    ({ claim, verdict }) => `| ${claim.claim} | ${claim.expected} | ${seenOf(verdict)} | ${resultOf(verdict)} |`,
  );
  const changes = checked.flatMap(({ claim, verdict }) =>
    verdict.kind === 'different' ? [`- ${claim.id}: ${verdict.change}`] : [],
  );
  return [
    '| claim | expected | seen | result |',
    '|---|---|---|---|',
    ...rows,
    '',
    ...(changes.length === 0
      ? ['Nothing that was settled differs: the emulator needs no other options.']
      : ['To make the emulator behave as this hub (options of npm run emulator, or of startEmulator):', ...changes]),
  ];
}

function seenOf(verdict: Verdict): string {
  return verdict.kind === 'notSettled' ? verdict.why : verdict.seen;
}

function resultOf({ kind }: Verdict): string {
  switch (kind) {
    case 'asExpected':
      return 'as expected';
    case 'different':
      return '**different**';
    case 'notSettled':
      return 'not settled';
  }
}
