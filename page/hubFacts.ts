import type { HubStatus } from '../shared/api/statusSchemas.ts';
import { h } from './dom.ts';
import { distance, plural, rough, time, whole } from './format.ts';

/** The largest number of settings that are shown, first those that the most agents could not apply. */
const maxFieldsShown = 5;

/** The state of a hub except its coverage and runs: headroom, rollouts, budgets, exemptions. */
export function factsOf(hub: HubStatus, name: string, nowMs: number): HTMLElement {
  const { full, fullSince, headroom, nextSweep, pending, givenUp, budget, runs, rollouts } = hub;
  const counted = runs.find(({ dryRun, status, exemptions }) => !dryRun && status === 'done' && exemptions !== null);
  const soon = counted?.exemptions?.endsSoon ?? 0;
  const rows: [string, string | HTMLElement | null][] = [
    ['Host name', hub.hostName],
    ['Next sweep', nextSweep ? `${time(nextSweep)}, ${distance(nextSweep, nowMs)}` : 'none planned'],
    ['Pending devices', pending === null ? null : `about ${whole(pending)}`],
    ['Headroom', headroom && `${plural(headroom.places, 'module')}, counted ${distance(headroom.countedAt, nowMs)}`],
    [
      'Full on',
      fullSince
        ? `full since ${time(fullSince)}`
        : full
          ? `${full.on}, at ${rough(full.devicesPerDay)} new devices a day`
          : 'not known, or more than ten years ahead',
    ],
    ...rollouts.map((one): [string, string] => [`Rollout: ${one.moduleId}`, rolloutText(one)]),
    ...Object.entries(budget ?? {}).map(([operation, one]): [string, string] => [
      `Budget: ${operation}`,
      `${one.usedLastMinute === null ? 'use not known while the worker runs' : `${rough(one.usedLastMinute)} used in the last minute`}, ${rough(one.grantedPerMinute)} granted a minute${one.learnedPerMinute === null ? '' : `; throttling allows ${rough(one.learnedPerMinute)}`}`,
    ]),
    [
      'Exemptions that end soon',
      counted
        ? soon === 0
          ? 'none within 14 days'
          : h(
              'span',
              {},
              `${whole(soon)} within 14 days `,
              h(
                'button',
                { type: 'button', 'data-do': 'exemptions', 'data-hub': name, 'data-run': counted.runId },
                'Show them',
              ),
            )
        : null,
    ],
    [
      'Left to the next sweep',
      givenUp.length === 0 ? null : givenUp.map((one) => `${one.deviceId} (${one.reason ?? 'no reason'})`).join(', '),
    ],
  ];
  return factList(rows);
}

/** What the agents of the modules report; null if none reports. */
export function reportsOfAgents({ health }: HubStatus): HTMLElement | null {
  const modules = Object.entries(health ?? {});
  if (modules.length === 0) return null;
  const rows = modules.flatMap(([moduleId, { healthy, failed, silent, invalidFields, oldestActivity }]) => {
    const fields = Object.entries(invalidFields).toSorted(([, one], [, other]) => other - one);
    const named = fields.slice(0, maxFieldsShown).map(([field, count]) => `${field} (${whole(count)})`);
    const more = fields.length > maxFieldsShown ? ` and ${whole(fields.length - maxFieldsShown)} more` : '';
    return [
      [moduleId, `${whole(healthy)} healthy, ${whole(failed)} failed, ${whole(silent)} silent`],
      [`${moduleId}: not applied`, fields.length === 0 ? null : `${named.join(', ')}${more}`],
      [`${moduleId}: oldest activity`, oldestActivity && time(oldestActivity)],
    ] satisfies [string, string | null][];
  });
  return factList(rows);
}

function rolloutText({ wave, waves, doneAt, held }: HubStatus['rollouts'][number]): string {
  const state = held ? `held. ${held}` : doneAt === null ? 'not done yet' : `done at ${time(doneAt)}`;
  return `wave ${wave} of ${waves}, ${state}`;
}

/** A list of names with their values; a row without a value is left out. */
export function factList(rows: readonly [string, string | HTMLElement | null][]): HTMLElement {
  const shown = rows.filter(([, value]) => value !== null);
  return h(
    'dl',
    {},
    shown.map(([name, value]) => h('div', { 'data-key': name }, h('dt', {}, name), h('dd', {}, value))),
  );
}
