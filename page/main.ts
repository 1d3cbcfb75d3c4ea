import type { RunAnswer, StartedRuns } from '../shared/api/runSchemas.ts';
import type { Status } from '../shared/api/statusSchemas.ts';
import { Api, ApiError } from './api.ts';
import { confirmed } from './confirmed.ts';
import { DeviceForm } from './deviceForm.ts';
import { byId, h, morph } from './dom.ts';
import { FunctionKey } from './functionKey.ts';
import { hubCard } from './hubCard.ts';
import { lineList, saveFile } from './lineList.ts';
import { overview } from './overview.ts';
import { worstFirst } from './worstFirst.ts';

/** The time between two refreshes while a run is live: the run writes a checkpoint every few seconds. */
const liveMs = 5_000;
/** The time between two refreshes while no run is live. */
const quietMs = 30_000;

const key = new FunctionKey();
const api = new Api(location.pathname.replace(/\/status(?:\/page)?\/*$/i, ''), () => key.value);
const deviceForm = new DeviceForm(api);
let status: Status | undefined;
/** Whether the shown problem comes from a refresh. The next successful refresh then removes it. */
let isRefreshProblem = false;
let timer: ReturnType<typeof setTimeout> | undefined;
/** Increases with each change of the key, so that an answer to a request with an earlier key is not shown. */
let session = 0;

function say(text: string): void {
  byId('said').textContent = text;
}

function showProblem(error?: unknown): void {
  if (error === undefined) {
    morph(byId('problem'), []);
    return;
  }
  if (!(error instanceof ApiError)) {
    const text = 'This page has a fault: load it again. The console of the browser says more.';
    morph(byId('problem'), [h('div', { class: 'problem' }, h('h2', {}, text))]);
    throw error;
  }
  const details = error.details.filter((text) => text !== '').map((text) => h('p', {}, text));
  morph(byId('problem'), [h('div', { class: 'problem' }, h('h2', {}, error.message), ...details)]);
}

function showSignedIn(isSignedIn: boolean): void {
  byId('keySection').hidden = isSignedIn;
  byId('signedIn').hidden = !isSignedIn;
}

function render(): void {
  if (!status) return;
  const nowMs = Date.parse(status.at);
  const sorted = worstFirst(status.hubs, nowMs);
  morph(byId('app'), [
    overview(
      status,
      sorted.map(({ verdict }) => verdict),
    ),
  ]);
  const open = sorted.length === 1;
  morph(
    byId('hubs'),
    sorted.map(({ hub, verdict }) => hubCard(hub, verdict, { nowMs, open })),
  );
  const names = status.hubs.flatMap(({ hub, outOfService }) => (hub === null || outOfService ? [] : [hub]));
  deviceForm.showHubNames(names);
  byId('fresh').textContent = `As of ${new Date(nowMs).toLocaleTimeString('en-GB')}`;
}

async function refresh(): Promise<void> {
  clearTimeout(timer);
  if (key.value === '') {
    showSignedIn(false);
    return;
  }
  const asked = session;
  let waitMs = quietMs;
  const again = () => {
    clearTimeout(timer);
    if (byId<HTMLInputElement>('auto').checked) timer = setTimeout(refreshIfSeen, waitMs);
  };
  try {
    const answer = await api.json<Status>('GET', '/status');
    if (asked !== session) return;
    status = answer;
    if (isRefreshProblem) showProblem();
    isRefreshProblem = false;
    byId('fresh').classList.remove('stale');
    showSignedIn(true);
    render();
    if (status.hubs.some(({ liveRun }) => liveRun)) waitMs = liveMs;
  } catch (error) {
    if (asked !== session) return;
    byId('fresh').classList.add('stale');
    again(); // before `showProblem`, which throws an unknown error
    isRefreshProblem = true;
    showProblem(error);
    if (error instanceof ApiError && error.status === 401) {
      signOut();
      return;
    }
    if (error instanceof ApiError) waitMs = Math.max(waitMs, error.retryAfterMs);
  }
  again();
}

/** A hidden page sends no requests; it is refreshed when it becomes visible again. */
function refreshIfSeen(): void {
  if (document.visibilityState === 'visible') void refresh();
}

function signOut(): void {
  session++;
  key.forget();
  status = undefined;
  clearTimeout(timer);
  for (const id of ['app', 'hubs', 'device', 'fresh']) byId(id).replaceChildren();
  showSignedIn(false);
  byId('key').focus();
}

async function start(hub: string, dryRun: boolean): Promise<void> {
  const text = `A sweep creates, writes and removes modules on ${hub} as the policy says. A dry run first shows what a sweep would do.`;
  if (!dryRun && !(await confirmed(`Sweep ${hub}?`, text, 'Start the sweep'))) return;
  const { runs } = await api.json<StartedRuns>('POST', '/sweeps', { hubs: [hub], dryRun });
  const kind = dryRun ? 'dry run' : 'sweep';
  const isNew = runs[0]?.alreadyRunning === false;
  say(isNew ? `The ${kind} of ${hub} was started.` : `A ${kind} of ${hub} is live already.`);
  await refresh();
}

async function cancel(hub: string, runId: string): Promise<void> {
  const text = `The run ${runId} on ${hub} ends within a second. What it has done so far stays.`;
  if (!(await confirmed('Cancel the run?', text, 'Cancel the run'))) return;
  const run = await api.json<RunAnswer>('DELETE', `/sweeps/${encodeURIComponent(hub)}/${encodeURIComponent(runId)}`);
  say(`The run of ${hub} is ${run.status}.`);
  await refresh();
}

/** The lists of a run, by the action that shows them. */
const lists = {
  changes: {
    title: 'Changes of the dry run',
    columns: ['deviceId', 'moduleId', 'outcome', 'reason'],
    notes: {
      removed:
        'A sweep that begins within 24 hours after this dry run, also the nightly one, removes these modules, unless an assistant has started the dry run or it did not see the whole hub. To stop it, change the policy.',
    },
  },
  failures: { title: 'Failed and blocked devices', columns: ['deviceId', 'moduleId', 'outcome', 'reason', 'advice'] },
  exemptions: { title: 'Exemptions that end soon', columns: ['deviceId', 'moduleId', 'state', 'until', 'reason'] },
} as const;

async function showList(
  kind: keyof typeof lists,
  { hub = '', run = '', outcome, reason }: DOMStringMap,
): Promise<void> {
  const query = new URLSearchParams();
  if (kind === 'exemptions') query.set('state', 'endsSoon');
  if (outcome) query.set('outcome', outcome);
  if (reason) query.set('reason', reason);
  const search = `${query}` === '' ? '' : `?${query}`;
  const path = `/sweeps/${encodeURIComponent(hub)}/${encodeURIComponent(run)}/${kind}${search}`;
  const lines = await api.lines(path);
  const { title, ...shown } = lists[kind];
  const save = () => attempt(async () => saveFile(`${hub}-${run}-${kind}.csv`, await api.csv(path), 'text/csv'));
  const box = lineList({ ...shown, heading: `${title}, run ${run}${reason ? `, ${reason}` : ''}` }, lines, save);
  const place = [...document.querySelectorAll<HTMLElement>('[data-list-of]')].find(
    ({ dataset }) => dataset.listOf === hub,
  );
  place?.replaceChildren(box);
  box.querySelector<HTMLElement>('h3')?.focus();
  box.scrollIntoView({ block: 'nearest' });
}

/** Runs an action of the user, and shows its error. */
async function attempt(action: () => Promise<void>): Promise<void> {
  isRefreshProblem = false;
  showProblem();
  say('');
  try {
    await action();
  } catch (error) {
    showProblem(error);
    byId('problem').scrollIntoView({ block: 'nearest' });
    if (error instanceof ApiError && error.status === 401) signOut();
  }
}

function act({ dataset }: HTMLElement): Promise<void> | undefined {
  const { do: action, hub = '', run = '' } = dataset;
  switch (action) {
    case 'refresh':
      return attempt(refresh);
    case 'forget':
      signOut();
      return undefined;
    case 'sweep':
      return attempt(() => start(hub, false));
    case 'dryRun':
      return attempt(() => start(hub, true));
    case 'cancel':
      return attempt(() => cancel(hub, run));
    case 'ensure':
      return attempt(() => deviceForm.ensure());
    case 'changes':
    case 'failures':
    case 'exemptions':
      return attempt(() => showList(action, dataset));
    default:
      return undefined;
  }
}

/** The actions that have not ended, each as the JSON of its button's data attributes. */
const underWay = new Set<string>();

// One listener for all buttons, since the refresh replaces some of them.
document.addEventListener('click', async (event) => {
  const button = event.target instanceof Element ? event.target.closest<HTMLButtonElement>('button[data-do]') : null;
  if (!button) return;
  const action = JSON.stringify(button.dataset);
  if (underWay.has(action)) return; // a second click must not start it twice, also on a button that the refresh has replaced
  underWay.add(action);
  button.setAttribute('aria-busy', 'true');
  try {
    await act(button);
  } finally {
    underWay.delete(action);
    button.removeAttribute('aria-busy');
  }
});
byId('keyForm').addEventListener('submit', (event) => {
  event.preventDefault();
  const field = byId<HTMLInputElement>('key');
  session++;
  key.set(field.value.trim(), byId<HTMLInputElement>('keep').checked);
  field.value = '';
  void attempt(refresh);
});
byId('deviceForm').addEventListener('submit', (event) => {
  event.preventDefault();
  void attempt(() => deviceForm.lookUp());
});
byId('auto').addEventListener('change', () => void refresh());
addEventListener('hashchange', () => {
  if (!key.takeFromAddress()) return;
  session++;
  void refresh();
});
document.addEventListener('visibilitychange', () => {
  if (byId<HTMLInputElement>('auto').checked) refreshIfSeen();
});
void refresh();
