import type { Claim } from './claim.ts';
import { eventsOfImports, routedModuleDeletion, throttledWithoutRetryAfter } from './claims/beyondOneClient.ts';
import { bulkCreateWithoutKeys, bulkErrorsById, bulkOthersAreMade } from './claims/bulkCreate.ts';
import { ghosts, indexDelay, readableAtOnce } from './claims/delays.ts';
import { disabledDevice, existingModule, missingDevice } from './claims/moduleCalls.ts';
import {
  continuationAfterAMinute,
  continuationOfOtherSize,
  countOfModules,
  defaultPage,
  largestPage,
} from './claims/queries.ts';

/** All claims, in the order of their checks: the one that judges the calls of the others comes last but one. */
export const claims: readonly Claim[] = [
  ...[bulkCreateWithoutKeys, bulkErrorsById, bulkOthersAreMade],
  ...[missingDevice, disabledDevice, existingModule],
  ...[countOfModules, largestPage, defaultPage, continuationAfterAMinute, continuationOfOtherSize],
  ...[readableAtOnce, indexDelay, ghosts],
  ...[throttledWithoutRetryAfter, routedModuleDeletion, eventsOfImports],
];

/** The claims as the table of docs/status.md; a test compares them. */
export function claimsTable(): string {
  const rows = claims.map(
    ({ claim, source, expected, otherwise }) => `| ${claim} | ${expected} | ${source} | ${otherwise} |`,
  );
  return ['| on a hub | expected | source | if it is otherwise, the keeper |', '|---|---|---|---|', ...rows].join('\n');
}
