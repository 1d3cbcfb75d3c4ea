import type { HubState } from '../../shared/api/statusSchemas.ts';
import type { KeeperApi } from '../api/keeperApi.ts';
import { isLive } from '../api/runs.ts';
import { exitCodes } from '../exitCodes.ts';
import type { Answer } from '../output/answer.ts';
import type { Table } from '../output/table.ts';
import { total } from './runTable.ts';

/** The state of each hub. Throws `CliError`. */
export async function hubs(api: KeeperApi): Promise<Answer> {
  const answer = await api.json<{ hubs: HubState[] }>('GET', '/api/hubs');
  return {
    json: answer,
    table: hubTable(answer.hubs),
    remarks: answer.hubs.flatMap(hubRemarks),
    exitCode: exitCodes.ok,
  };
}

/** A row for each hub. Counts are those of its last finished sweep. */
export function hubTable(hubs: readonly HubState[]): Table {
  return {
    heads: ['hub', 'state', 'coverage', 'with module', 'missing', 'blocked', 'pending', 'last sweep', 'next sweep'],
    rows: hubs.map((state) => {
      const { hub, coverage, pending, nextSweep } = state;
      return [
        hub ?? '(no name)',
        stateText(state),
        coverage === null ? null : shareText(coverage),
        coverage?.counts.withModule ?? null,
        coverage?.counts.missing ?? null,
        coverage === null ? null : total(coverage.counts.blocked),
        pending,
        coverage === null ? null : minute(coverage.asOf),
        nextSweep === null ? null : minute(nextSweep),
      ];
    }),
  };
}

/** What an operator should know or do about a hub; each is a line. */
export function hubRemarks({
  hub,
  outOfService,
  unknown,
  coverage,
  waitingFor,
  full,
  rollouts,
  givenUp,
}: HubState): string[] {
  const lines = [
    ...(outOfService ?? []).map(({ setting, message }) => `out of service. ${setting}: ${message}`),
    ...unknown.map(({ what, why }) => `${what} could not be read. ${why}`),
    ...(waitingFor === null ? [] : [waitingFor]),
    ...(coverage?.incomplete ? ['the last sweep did not see all devices, so that its coverage is not known'] : []),
    ...(coverage?.undoneBy ? [`undo ${coverage.undoneBy} was started after the last sweep`] : []),
    ...(coverage?.policyIsCurrent === false ? ['the policy has changed since the last sweep'] : []),
    ...(full === null ? [] : [`full on ${full.on}, at ${full.devicesPerDay} more devices a day`]),
    ...rollouts.map(rolloutText),
    ...(givenUp.length === 0
      ? []
      : [`${givenUp.length} new devices failed although the hub served others; the next sweep tries again`]),
  ];
  return lines.map((line) => `${hub ?? '(no name)'}: ${line}`);
}

function rolloutText({ moduleId, wave, waves, doneAt, held }: HubState['rollouts'][number]): string {
  const state = held ? `held. ${held}` : doneAt === null ? 'not done yet' : `done at ${minute(doneAt)}`;
  return `rollout of ${moduleId}: wave ${wave} of ${waves}, ${state}`;
}

function stateText({ outOfService, paused, liveRun, outage, refusedSince, fullSince, queuedRun }: HubState): string {
  if (outOfService !== null) return 'out of service';
  if (paused) return 'paused';
  if (refusedSince !== null) return 'refuses the app';
  if (outage !== null) return 'outage';
  if (fullSince !== null) return 'nearly full';
  const run = liveRun ?? queuedRun;
  if (run === null || !isLive(run)) return 'idle';
  return `${run.undoes ? 'undo' : run.dryRun ? 'dry run' : 'sweep'} ${run.status}`;
}

/** Rounded down, so that 100 % means that no pair lacks its module. */
function shareText({ share, incomplete }: NonNullable<HubState['coverage']>): string {
  if (share === null) return incomplete ? 'incomplete' : 'no device';
  return `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
}

const minute = (time: string): string => `${time.slice(0, 16).replace('T', ' ')} UTC`;
