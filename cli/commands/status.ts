import type { HubStatus, Status } from '../../shared/api/statusSchemas.ts';
import type { KeeperApi } from '../api/keeperApi.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Answer } from '../output/answer.ts';
import { hubRemarks, hubTable } from './hubs.ts';

/**
 * Whether every device is covered and nothing stands in the way. Answers `yes` if `whyNot` says nothing of any hub; a hub that is
 * paused is left out. `minCoveragePercent`: the coverage that is enough. Throws `CliError`.
 */
export async function status(api: KeeperApi, minCoveragePercent: number): Promise<Answer> {
  const answer = await api.json<Status>('GET', '/api/status');
  const reasons = answer.hubs.flatMap((hub) =>
    whyNot(hub, minCoveragePercent).map((text) => `${hub.hub ?? '(no name)'}: ${text}`),
  );
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

/** Why a hub is not well; empty if it is. */
function whyNot(hub: HubStatus, minCoveragePercent: number): string[] {
  if (hub.paused) return [];
  if (hub.outOfService !== null) return ['its settings have problems'];
  const { coverage, runs } = hub;
  const lastReal = runs.find(({ dryRun }) => !dryRun);
  return [
    ...(hub.unknown.length > 0 ? ['a part of its state could not be read'] : []),
    ...(hub.refusedSince === null ? [] : [`refuses the app since ${hub.refusedSince}`]),
    ...(hub.outage === null ? [] : [`serves nobody since ${hub.outage.since}`]),
    ...(hub.fullSince === null ? [] : [`full since ${hub.fullSince}`]),
    ...coverageProblem(coverage, minCoveragePercent),
    ...(lastReal?.status === 'failed' ? [`its last sweep failed. ${lastReal.reason ?? ''}`] : []),
  ];
}

function coverageProblem(coverage: HubStatus['coverage'], minCoveragePercent: number): string[] {
  if (coverage === null) return ['no sweep has finished yet'];
  if (coverage.incomplete) return ['its coverage is not known'];
  if (coverage.share === null || coverage.share * 100 >= minCoveragePercent) return [];
  return [`its coverage is below ${minCoveragePercent} %`];
}

/** What failed or is blocked in the latest run, the most frequent cause first. */
function causeLines({ hub, failures }: HubStatus): string[] {
  return (failures?.causes ?? []).map(({ outcome, reason, count, advice }) => {
    return `${hub ?? '(no name)'}: ${count.toLocaleString('en')} ${outcome} (${reason}). ${advice}`;
  });
}
