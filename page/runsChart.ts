import type { HubStatus } from '../shared/api/statusSchemas.ts';
import { h, svg } from './dom.ts';
import { duration, plural, sum, time, whole } from './format.ts';

type Brief = HubStatus['runs'][number];

const shownRuns = 30;
const [slot, height] = [12, 38];

function durationMs({ startedAt, finishedAt }: Brief): number | null {
  return startedAt && finishedAt ? Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt)) : null;
}

/** The last runs, oldest first, as three rows of bars with one scale each, and as a table. */
export function runsChart(name: string, runs: readonly Brief[]): HTMLElement {
  if (runs.length === 0) return h('p', { class: 'muted' }, 'No run has ended yet.');
  const oldestFirst = runs.slice(0, shownRuns).toReversed();
  const rows = [
    bars('Created', 'created', oldestFirst, ({ counts }) => counts.created, whole),
    bars('Failed', 'failed', oldestFirst, ({ counts }) => counts.failed, whole),
    bars('Duration', 'duration', oldestFirst, durationMs, duration),
  ];
  return h(
    'div',
    {},
    h('div', { class: 'charts' }, rows),
    h(
      'p',
      { class: 'muted small' },
      'Oldest left, newest right. Pale bars are dry runs; × marks a run that failed, ○ one that was cancelled.',
    ),
    h(
      'details',
      { 'data-key': 'runs' },
      h('summary', {}, `Table of ${plural(runs.length, 'run')}`),
      h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `Runs of ${name}` }, table(name, runs)),
    ),
  );
}

function bars(
  title: string,
  kind: string,
  runs: readonly Brief[],
  pick: (run: Brief) => number | null,
  text: (value: number) => string,
): HTMLElement {
  const most = Math.max(0, ...runs.map((run) => pick(run) ?? 0));
  const left = (shownRuns - runs.length) * slot;
  const marks = runs.map((run, index) => {
    const value = pick(run) ?? 0;
    const tall = value === 0 ? 1 : Math.max(2, (value / most) * height);
    const x = left + index * slot + 1;
    const sign = run.status === 'failed' ? '×' : run.status === 'cancelled' ? '○' : null;
    return svg(
      'g',
      { class: run.dryRun ? 'dry' : undefined },
      svg('title', {}, `${time(run.requestedAt)}: ${text(value)}${run.dryRun ? ', dry run' : ''}, ${run.status}`),
      svg('rect', {
        class: value === 0 ? 'zero' : `bar-${kind}`,
        x,
        y: 10 + height - tall,
        width: slot - 2,
        height: tall,
      }),
      sign && svg('text', { x: x + slot / 2 - 1, y: 10 + height - tall - 2, 'text-anchor': 'middle' }, sign),
    );
  });
  const [newest] = runs.slice(-1);
  const label = `${title} in the last ${plural(runs.length, 'run')}: at most ${text(most)}, in the newest ${text((newest && pick(newest)) ?? 0)}`;
  return h(
    'figure',
    {},
    h('figcaption', {}, `${title} `, h('span', { class: 'muted' }, `max. ${text(most)}`)),
    svg('svg', { role: 'img', 'aria-label': label, viewBox: `0 0 ${shownRuns * slot} ${height + 11}` }, marks),
  );
}

function table(name: string, runs: readonly Brief[]): HTMLElement {
  const heads = [
    'Requested',
    'Kind',
    'Status',
    'Started by',
    'Created',
    'Failed',
    'Blocked',
    'Duration',
    'Reason',
    'Lists',
  ];
  return h(
    'table',
    {},
    h('caption', { class: 'hidden' }, `Last runs of ${name}, newest first`),
    h(
      'thead',
      {},
      h(
        'tr',
        {},
        heads.map((head) => h('th', { scope: 'col' }, head)),
      ),
    ),
    h(
      'tbody',
      {},
      runs.map((run) => row(name, run)),
    ),
  );
}

function row(name: string, run: Brief): HTMLElement {
  const { runId, counts, dryRun, status, startedBy, reason } = run;
  const ms = durationMs(run);
  const of = { 'data-hub': name, 'data-run': runId };
  const lists = [
    dryRun && status === 'done' && button('changes', 'Changes', `Changes of the dry run ${runId}`, of),
    counts.failed + sum(counts.blocked) > 0 && button('failures', 'Failures', `Failures of the run ${runId}`, of),
  ];
  return h(
    'tr',
    { 'data-key': runId },
    h('th', { scope: 'row', title: runId }, time(run.requestedAt)),
    h('td', {}, dryRun ? 'dry run' : startedBy === 'undo' ? 'undo' : 'sweep'),
    h('td', {}, h('span', { class: `run-${status}` }, status)),
    h('td', {}, startedBy ?? ''),
    h('td', { class: 'number' }, whole(counts.created)),
    h('td', { class: 'number' }, whole(counts.failed)),
    h('td', { class: 'number' }, whole(sum(counts.blocked))),
    h('td', { class: 'number' }, ms === null ? '' : duration(ms)),
    h('td', { class: 'long' }, reason ?? ''),
    h('td', {}, lists),
  );
}

function button(action: string, text: string, label: string, data: Record<string, string>): HTMLElement {
  return h('button', { type: 'button', 'data-do': action, 'aria-label': label, ...data }, text);
}
