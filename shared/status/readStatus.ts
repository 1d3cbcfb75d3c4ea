import { withTimeout } from '../abort.ts';
import type { HubState, HubStatus, Status } from '../api/statusSchemas.ts';
import type { App } from '../app.ts';
import { eachHub } from '../eachHub.ts';
import type { PolicyInForce } from '../policy/policyInForce.ts';
import { outOfServiceStatus, readHubStatus, type StatusDeps, unreadStatus } from './hubStatus.ts';
import { concernsStorage } from './whyUnreadable.ts';

type ReadDeps = Omit<StatusDeps, 'documents'> & Pick<App, 'hubDocuments'>;

/** Time for listing the documents, and again for reading all hubs; together less than a browser waits. */
const withinMs = 20_000;

/**
 * The state of the app and of each of its hubs, from stored documents and queue counts, without a call to a hub. The hubs have the
 * order of the settings; those out of service come last. A part of a hub that cannot be read is null, and `unknown` says why. Throws
 * what storage throws if the storage could not serve any hub.
 */
export async function readStatus(deps: ReadDeps & Pick<App, 'version'>): Promise<Status> {
  const { config, clock, schedule, isSweepDisabled, version } = deps;
  const { inForce, problems } = await deps.policies.standing(deps.log);
  return {
    at: new Date(clock.now()).toISOString(),
    version,
    schedule,
    sweepDisabled: isSweepDisabled,
    policy: {
      fingerprint: inForce?.fingerprint ?? null,
      source: inForce?.source ?? null,
      modules: (inForce?.policy ?? []).map(({ moduleId }) => moduleId),
      problems: problems.map(({ setting, message }) => ({ setting, message })),
    },
    warnings: config.warnings.map(({ setting, message }) => ({ setting, message })),
    hubs: await readHubs(deps, inForce),
  };
}

/** The hubs of `readStatus` without what their runs say. */
export async function readHubList(deps: ReadDeps): Promise<{ hubs: HubState[] }> {
  const { inForce } = await deps.policies.standing(deps.log);
  const hubs = await readHubs(deps, inForce);
  return { hubs: hubs.map(({ runs: _runs, failures: _failures, ...state }) => state) };
}

async function readHubs(readDeps: ReadDeps, policy: PolicyInForce | undefined): Promise<HubStatus[]> {
  const { config, clock } = readDeps;
  const limit = { limitMs: withinMs, what: 'Listing the documents of the hubs', clock };
  const deps = { ...readDeps, documents: await withTimeout(limit, () => readDeps.hubDocuments.asOfNow()) };
  const rows = new Map<string, HubStatus>();
  const failures = new Map<string, unknown>();
  await eachHub(
    config.hubs,
    { clock, withinMs, what: 'Reading the state of a hub' },
    async (hub) => {
      const onFailure = (error: unknown) => failures.set(hub.name, error);
      rows.set(hub.name, await readHubStatus(deps, hub, { policy, onFailure }));
    },
    (hub, error) => {
      failures.set(hub.name, error);
      rows.set(hub.name, unreadStatus(hub, error));
    },
  );
  const errors = [...failures.values()];
  if (errors.length === config.hubs.length && errors.every(concernsStorage)) throw errors[0];
  return [...config.hubs.flatMap(({ name }) => rows.get(name) ?? []), ...config.outOfService.map(outOfServiceStatus)];
}
