import type { DeviceModules, DeviceOutcomes } from '../shared/api/deviceSchemas.ts';
import { h } from './dom.ts';
import { time } from './format.ts';

/** Shows the modules of one device. */
export function deviceModules({ deviceId, hub, modules }: DeviceModules): HTMLElement {
  return h(
    'div',
    {},
    h('h3', {}, h('code', {}, deviceId), ` on ${hub}`),
    modules.map(({ moduleId, state, reason, needs, advice, details }) =>
      list(moduleId, [
        ['State', state],
        ['Reason', reason],
        ['Ensure would', needs],
        ['What to do', advice],
        [
          'Connected',
          details && (details.isConnected === null ? 'the hub does not say' : details.isConnected ? 'yes' : 'no'),
        ],
        ['Last activity', details && (details.lastActivityTime ? time(details.lastActivityTime) : 'never')],
        ['Authentication', details?.authentication],
        ['Managed by', details?.managedBy],
        ['Twin tags', details && json(details.twin.tags)],
        ['Desired properties', details && json(details.twin.desired)],
      ]),
    ),
  );
}

/** Shows the result of ensuring the modules of one device. */
export function deviceOutcomes({ deviceId, hub, modules }: DeviceOutcomes): HTMLElement {
  return h(
    'div',
    {},
    h('h3', {}, h('code', {}, deviceId), ` on ${hub}: ensured`),
    modules.map(({ moduleId, outcome, reason }) =>
      list(moduleId, [
        ['Outcome', outcome],
        ['Reason', reason],
      ]),
    ),
  );
}

function list(title: string, rows: readonly [string, string | null | undefined][]): HTMLElement {
  const shown = rows.filter(([, value]) => value);
  return h(
    'div',
    {},
    h('h4', {}, title),
    h(
      'dl',
      {},
      shown.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
    ),
  );
}

const json = (value: object): string =>
  Object.keys(value).length === 0 ? 'none that the policy names' : JSON.stringify(value);
