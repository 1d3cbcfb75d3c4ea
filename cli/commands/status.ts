import type { HubStatus, Status } from '../../shared/api/statusSchemas.ts';
import { type FindingKind, hubFindings } from '../../shared/status/hubFindings.ts';
import type { KeeperApi } from '../api/keeperApi.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Answer } from '../output/answer.ts';
import { hubRemarks, hubTable } from './hubs.ts';

/**
 * Whether every device is covered and no hub needs attention. Answers `yes` if `whyNot` is empty for each hub; a paused hub is
 * left out. `minCoveragePercent`: the coverage that is enough. Throws `CliError`.
 */
export async function status(api: KeeperApi, minCoveragePercent: number): Promise<Answer> {
  const answer = await api.json<Status>('GET', '/api/status');
  const nowMs = Date.parse(answer.at);
  const ofHubs = answer.hubs.flatMap((hub) =>
    whyNot(hub, nowMs, minCoveragePercent).map((text) => `${hub.hub ?? '(no name)'}: ${text}`),
  );
  const reasons = [...policyProblems(answer), ...ofHubs];
  return {
    json: answer,
    table: hubTable(answer.hubs),
    remarks: [
      ...answer.hubs.flatMap(hubRemarks),
      ...answer.hubs.flatMap(causeLines),
      ...answer.warnings.map(({ setting, message }) => `Setting ${setting}: ${message}`),
      ...(reasons.length === 0 ? ['All is well.'] : ['Not well:', ...reasons.map((reason) => `  ${reason}`)]),
    ],
    exitCode: reasons.length === 0 ? exitCodes.ok : exitCodes.no,
  };
}

/** Findings below the level `bad` that say that the coverage of a hub by the current policy is unknown or incomplete. */
const notCovered: ReadonlySet<FindingKind> = new Set(['unknown', 'incomplete', 'undone', 'olderPolicy', 'notSwept']);

/** Why a hub needs attention; empty if it does not. Missing modules count only if the coverage is below the wanted coverage. */
function whyNot(hub: HubStatus, nowMs: number, minCoveragePercent: number): string[] {
  if (hub.paused) return [];
  const found = hubFindings(hub, nowMs).filter(
    ({ kind, level }) => kind !== 'missing' && (level === 'bad' || notCovered.has(kind)),
  );
  const share = hub.coverage?.incomplete ? null : (hub.coverage?.share ?? null);
  const isLow = share !== null && share * 100 < minCoveragePercent;
  return [
    ...found.map(({ whatToDo }) => whatToDo),
    ...(isLow ? [`its coverage is below ${minCoveragePercent} %`] : []),
  ];
}

/** Without a policy in force nothing is created. */
function policyProblems({ policy }: Status): string[] {
  const problems = policy.problems.map(({ setting, message }) => `Policy, ${setting}: ${message}`);
  return policy.fingerprint === null ? ['There is no valid policy, so nothing is created.', ...problems] : problems;
}

/** What failed or is blocked in the latest run, the most frequent cause first. */
function causeLines({ hub, failures }: HubStatus): string[] {
  return (failures?.causes ?? []).map(({ outcome, reason, count, advice }) => {
    return `${hub ?? '(no name)'}: ${count.toLocaleString('en')} ${outcome} (${reason}). ${advice}`;
  });
}
