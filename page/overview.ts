import type { Status } from '../shared/api/statusSchemas.ts';
import type { Level } from '../shared/status/hubFindings.ts';
import { h } from './dom.ts';
import { percent, plural, whole } from './format.ts';
import type { Verdict } from './worstFirst.ts';

/** The app and all hubs in a few numbers, and what is wrong with the policy and the settings. */
export function overview(status: Status, verdicts: readonly Verdict[]): HTMLElement {
  const { hubs, policy, warnings, schedule, sweepDisabled, version } = status;
  const counts = hubs.flatMap(({ coverage }) => (coverage ? [coverage.counts] : []));
  const total = (pick: (one: (typeof counts)[number]) => number) => counts.reduce((sum, one) => sum + pick(one), 0);
  const [covered, missing] = [total(({ withModule }) => withModule), total((one) => one.missing)];
  const blocked = total((one) => Object.values(one.blocked).reduce((sum, count) => sum + count, 0));
  const all = covered + missing + blocked;
  const at = (level: Level) => verdicts.filter((verdict) => verdict.level === level).length;
  const tiles: [string, string, Level?][] = [
    ['Hubs', whole(hubs.length)],
    ['Need action now', whole(at('bad')), at('bad') > 0 ? 'bad' : 'ok'],
    ['Need attention', whole(at('warn')), at('warn') > 0 ? 'warn' : 'ok'],
    ['Runs live', whole(hubs.filter(({ liveRun }) => liveRun).length)],
    ['Modules in place', all === 0 ? '–' : percent(covered / all)],
    ['Missing', whole(missing), missing > 0 ? 'bad' : 'ok'],
    ['Blocked', whole(blocked), blocked > 0 ? 'warn' : 'ok'],
  ];
  const problems = [...policy.problems, ...warnings].map(({ setting, message }) =>
    h('p', { class: 'notice' }, h('code', {}, setting), `: ${message}`),
  );
  return h(
    'section',
    { 'aria-label': 'Overview' },
    h(
      'dl',
      { class: 'tiles' },
      tiles.map(([name, value, level]) => h('div', { class: level }, h('dt', {}, name), h('dd', {}, value))),
    ),
    problems,
    policy.fingerprint === null
      ? h('p', { class: 'notice' }, 'No valid policy is in force: nothing is created.')
      : null,
    hubs.length === 0
      ? h('p', { class: 'notice' }, 'The settings have no hub. Add one to HUBS, or set IOTHUB_CONNECTION_STRING.')
      : null,
    h(
      'p',
      { class: 'muted small' },
      `${plural(policy.modules.length, 'module')} in the policy: ${policy.modules.join(', ')}. `,
      sweepDisabled ? 'The nightly sweep is disabled. ' : `Nightly sweep: ${schedule} (UTC). `,
      `Version ${version}.`,
    ),
  );
}
