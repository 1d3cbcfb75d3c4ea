import type { HubStatus } from '../shared/api/statusSchemas.ts';
import type { Level } from '../shared/status/hubFindings.ts';
import { coverageBar, coverageLegend } from './coveragePicture.ts';
import { h } from './dom.ts';
import { distance, duration, percent, plural, rough, sum, time, whole } from './format.ts';
import { factList, factsOf, reportsOfAgents } from './hubFacts.ts';
import { runsChart } from './runsChart.ts';
import type { Verdict } from './worstFirst.ts';

type Run = NonNullable<HubStatus['liveRun']>;

/** A sign beside the color and the word. */
const signs: Record<Level, string> = { bad: '✕', warn: '!', idle: '–', ok: '✓' };

/** Shows one hub: a line with its state, and the details below it when the user opens it. */
export function hubCard(hub: HubStatus, verdict: Verdict, look: { nowMs: number; open: boolean }): HTMLElement {
  const name = hub.hub ?? '(hub without a name)';
  const { coverage, liveRun } = hub;
  return h(
    'details',
    { class: `card hub ${verdict.level}`, 'data-key': `hub-${name}`, open: look.open },
    h(
      'summary',
      {},
      h(
        'span',
        { class: 'badge' },
        h('span', { class: 'sign', 'aria-hidden': 'true' }, signs[verdict.level]),
        verdict.label,
      ),
      h('span', { class: 'name' }, name),
      h('span', { class: 'bars' }, coverageBar(hub)),
      h('span', { class: 'share' }, coverage?.share == null ? '–' : percent(coverage.share)),
      h(
        'span',
        { class: liveRun ? 'now live' : 'now muted' },
        liveRun ? liveText(liveRun) : sweptText(hub, look.nowMs),
      ),
    ),
    h('div', { class: 'body' }, hub.outOfService ? outOfService(hub.outOfService) : body(hub, name, look.nowMs)),
  );
}

function liveText(run: Run): string {
  const kind = run.undoes ? 'Undo' : run.dryRun ? 'Dry run' : 'Sweep';
  if (run.status === 'queued') return `${kind} queued`;
  const share = shareOf(run);
  return share === null ? `${kind} running` : `${kind} ${percent(share)}`;
}

function sweptText({ lastFinishedSweep: last, outOfService }: HubStatus, nowMs: number): string {
  if (outOfService) return plural(outOfService.length, 'problem');
  return last ? `swept ${distance(last.finishedAt, nowMs)}` : 'never swept';
}

function shareOf({ counts, totalDevices }: Run): number | null {
  return totalDevices ? Math.min(1, counts.devices / totalDevices) : null;
}

function outOfService(problems: NonNullable<HubStatus['outOfService']>): HTMLElement {
  const items = problems.flatMap(({ setting, message }) => [h('dt', {}, h('code', {}, setting)), h('dd', {}, message)]);
  return h(
    'div',
    {},
    h('p', {}, 'The settings of this hub have problems; nothing is done for it:'),
    h('dl', {}, items),
  );
}

function body(hub: HubStatus, name: string, nowMs: number): HTMLElement[] {
  const agents = reportsOfAgents(hub);
  return [
    notices(hub),
    actions(hub, name),
    h('div', { class: 'own', 'data-own': '', 'data-key': 'own', 'data-list-of': name, 'aria-live': 'polite' }),
    live(hub, name, nowMs),
    section('Coverage', coverageOf(hub, nowMs)),
    section('Failures by cause', failures(hub, name)),
    section('Last 30 runs', runsChart(name, hub.runs)),
    agents && section('What agents report', agents),
    section('Facts', factsOf(hub, name, nowMs)),
  ].filter((part) => part !== null);
}

function section(title: string, ...content: (HTMLElement | null)[]): HTMLElement {
  return h('section', { 'data-key': title }, h('h3', {}, title), content);
}

function notices({ waitingFor, unknown, liveRun, outage }: HubStatus): HTMLElement {
  const texts = [
    ...(waitingFor && waitingFor !== liveRun?.waitingFor ? [waitingFor] : []),
    ...(outage?.comeBackAt ? [`The worker tries again at ${time(outage.comeBackAt)}.`] : []),
    ...unknown.map(({ what, why }) => `Not known: ${what}. ${why}`),
  ];
  return h(
    'div',
    { 'data-key': 'notices' },
    texts.map((text) => h('p', { class: 'notice' }, text)),
  );
}

function actions({ paused }: HubStatus, name: string): HTMLElement {
  const of = { type: 'button', 'data-hub': name, disabled: paused };
  return h(
    'div',
    { class: 'tools', 'data-key': 'actions', role: 'group', 'aria-label': `Actions on ${name}` },
    h('button', { ...of, 'data-do': 'sweep', class: 'primary' }, 'Sweep…'),
    h('button', { ...of, 'data-do': 'dryRun' }, 'Dry run'),
    paused ? h('span', { class: 'muted' }, 'Paused in the settings') : null,
  );
}

function live({ liveRun, queuedRun }: HubStatus, name: string, nowMs: number): HTMLElement | null {
  const runs = [liveRun, queuedRun].filter((run) => run !== null);
  if (runs.length === 0) return null;
  return section('Live run', ...runs.map((run) => liveRunOf(run, name, nowMs)));
}

function liveRunOf(run: Run, name: string, nowMs: number): HTMLElement {
  const { counts, progress, totalDevices, startedAt, startedBy, waitingFor, runId, status } = run;
  const share = shareOf(run);
  const rows: [string, string | null][] = [
    ['Devices', totalDevices === null ? whole(counts.devices) : `${whole(counts.devices)} of ${whole(totalDevices)}`],
    ['Rate', progress.perMinute === null ? null : `${rough(progress.perMinute)} devices a minute`],
    [
      'Estimated end',
      progress.estimatedEnd && `${time(progress.estimatedEnd)}, ${distance(progress.estimatedEnd, nowMs)}`,
    ],
    ['Running for', startedAt && duration(nowMs - Date.parse(startedAt))],
    ['Throttled for', progress.throttledMs ? duration(progress.throttledMs) : null],
    ['Started by', startedBy],
    [
      'So far',
      `created ${whole(counts.created)}, failed ${whole(counts.failed)}, blocked ${whole(sum(counts.blocked))}`,
    ],
    ['Waits', waitingFor],
  ];
  return h(
    'div',
    { class: 'run', 'data-key': runId },
    h('p', {}, h('b', {}, liveText(run)), ' ', h('code', { class: 'small' }, runId)),
    share === null || status === 'queued'
      ? null
      : h('progress', { max: 1, value: share, 'aria-label': `Progress of ${liveText(run)} on ${name}` }),
    factList(rows),
    h(
      'button',
      { type: 'button', class: 'danger', 'data-do': 'cancel', 'data-hub': name, 'data-run': runId },
      run.dryRun ? 'Cancel the dry run…' : 'Cancel the run…',
    ),
  );
}

function coverageOf(hub: HubStatus, nowMs: number): HTMLElement {
  const { coverage } = hub;
  if (!coverage) return h('p', { class: 'muted' }, 'No sweep of this hub has finished yet.');
  const { devices, selected } = coverage.counts;
  const notes = [
    `As of ${time(coverage.asOf)}, ${distance(coverage.asOf, nowMs)}: ${plural(devices, 'device')}, ${whole(selected)} selected.`,
    coverage.incomplete ? 'That sweep did not list all devices.' : '',
    coverage.undoneBy ? `Undo ${coverage.undoneBy} was started after that sweep.` : '',
    coverage.policyIsCurrent === false ? 'The policy has changed since that sweep.' : '',
  ];
  return h('div', {}, coverageBar(hub), coverageLegend(hub), h('p', { class: 'muted small' }, notes.join(' ').trim()));
}

function failures({ failures: found }: HubStatus, name: string): HTMLElement {
  if (!found || found.total === 0) return h('p', { class: 'muted' }, 'None in the latest sweep.');
  const rows = found.causes.map(({ outcome, reason, count, advice }) =>
    h(
      'li',
      { 'data-key': `${outcome} ${reason}` },
      h('p', {}, h('b', { class: 'count' }, whole(count)), ` ${outcome}: `, h('code', {}, reason)),
      h('p', { class: 'advice' }, advice),
      h(
        'button',
        {
          ...{ type: 'button', 'data-do': 'failures', 'data-hub': name, 'data-run': found.runId },
          ...{ 'data-outcome': outcome, 'data-reason': reason },
          'aria-label': `Show the devices of ${name} ${outcome} for ${reason}`,
        },
        'Show the devices',
      ),
    ),
  );
  return h('ul', { class: 'causes' }, rows);
}
