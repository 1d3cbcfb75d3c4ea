import type { TokenCredential } from '@azure/identity';
import type { Module, Registry as SdkRegistry } from 'azure-iothub';
import type { HubConfig } from '../config/config.ts';
import { readBulkVerdicts } from './bulkVerdicts.ts';
import { connectHub, defaultIdleTimeoutMs } from './connectHub.ts';
import { HubError, isHubError } from './hubError.ts';
import { readDevice } from './readDevice.ts';
import { readHubFailure } from './readHubFailure.ts';
import { type ModuleCreation, type ModuleName, maxBulkIdentities, type Page, type Registry } from './registry.ts';
import { deviceQuery, moduleCountQuery } from './twinQueries.ts';

/**
 * The registry of a real hub over `azure-iothub`, by SAS key or Entra ID. No budget and no retry: see `pacedRegistry`.
 * A call fails as `unavailable` when the hub says nothing for `idleTimeoutMs`.
 */
export function azureRegistry(
  hub: HubConfig,
  credential: () => Promise<TokenCredential>,
  idleTimeoutMs = defaultIdleTimeoutMs,
): Registry {
  let connecting: Promise<SdkRegistry> | undefined;

  function connect(): Promise<SdkRegistry> {
    if (connecting) return connecting;
    const made = connectHub(hub, credential, idleTimeoutMs);
    connecting = made;
    made.catch(() => {
      connecting = undefined; // the next call tries anew
    });
    return made;
  }

  /** Runs one call and lets nothing out but a plain result or a `HubError`. */
  async function call<T>(operation: string, work: (sdk: SdkRegistry) => Promise<T>): Promise<T> {
    try {
      return await work(await connect());
    } catch (error) {
      if (error instanceof HubError) throw error;
      // Not as `cause`: the SDK's error holds the request, and with it the token.
      throw new HubError(hub.name, operation, readHubFailure(error));
    }
  }

  /** For a good status whose body is not what was asked for, such as that of a proxy on the way. */
  function unexpectedResponse(operation: string, code: string): HubError {
    return new HubError(hub.name, operation, { kind: 'unavailable', status: 200, code });
  }

  async function query<Row>(
    operation: string,
    text: string,
    page: { maxRows?: number; continuation?: string },
    readRow: (row: unknown) => Row | undefined,
  ): Promise<Page<Row>> {
    return call(operation, async (sdk) => {
      const pages = sdk.createQuery(text, page.maxRows);
      // Always with an argument, be it undefined: without one the SDK takes the promise form for a first page.
      const { result } = await pages.next(page.continuation as string);
      if (!Array.isArray(result)) throw unexpectedResponse(operation, 'NotAPage');
      const rows = result.map(readRow).filter((row) => row !== undefined);
      return { rows, ...(pages.continuationToken ? { continuation: pages.continuationToken } : {}) };
    });
  }

  async function createSingly(creation: ModuleCreation): Promise<'created'> {
    // The SDK sends no If-Match, so this only creates: an existing module and its keys stay as they are.
    const { responseBody } = await call('create module', (sdk) => sdk.addModule(identityOf(creation)));
    if (readModuleName(responseBody)?.moduleId !== creation.moduleId)
      throw unexpectedResponse('create module', 'NotAModule');
    return 'created';
  }

  /** A module identity has no twin properties; only the bulk call can write both at once. */
  async function createWithTwin(creation: ModuleCreation): Promise<'created' | 'exists'> {
    const [verdict] = await registry.createModules([creation]);
    if (verdict === 'created' || verdict === 'exists') return verdict;
    if (typeof verdict === 'object') {
      const { refused: kind, code } = verdict;
      throw new HubError(hub.name, 'create module', { kind, status: 400, ...(code ? { code } : {}) });
    }
    throw new HubError(hub.name, 'create module', { kind: 'unavailable', status: 400, code: 'NoVerdict' });
  }

  const registry: Registry = {
    reachesDisabledDevices: hub.auth.kind === 'entra',

    async getDevice(deviceId) {
      const answer = await call('read device twin', (sdk) => sdk.getTwin(deviceId));
      const device = readDevice(answer.responseBody, true);
      if (!device) throw unexpectedResponse('read device twin', 'NotATwin');
      return device;
    },

    async hasModule({ deviceId, moduleId }) {
      try {
        const { responseBody } = await call('read module twin', (sdk) => sdk.getModuleTwin(deviceId, moduleId));
        if (responseBody.moduleId !== moduleId) throw unexpectedResponse('read module twin', 'NotATwin');
        return true;
      } catch (error) {
        if (isHubError(error, 'deviceNotFound', 'moduleNotFound')) return false;
        throw error;
      }
    },

    async createModule(creation) {
      try {
        return await (creation.twin ? createWithTwin(creation) : createSingly(creation));
      } catch (error) {
        if (isHubError(error, 'moduleExists')) return 'exists';
        throw error;
      }
    },

    async createModules(creations) {
      if (creations.length === 0) return [];
      if (creations.length > maxBulkIdentities) throw new RangeError(`at most ${maxBulkIdentities} creations a call`);
      return call('create modules in bulk', async (sdk) => {
        try {
          const bodies = creations.map((creation) => ({ ...identityOf(creation), ...twinOf(creation) }));
          const { responseBody } = await sdk.addDevices(bodies);
          if (responseBody?.isSuccessful !== true) throw unexpectedResponse('create modules in bulk', 'NotSuccessful');
          return creations.map(() => 'created' as const);
        } catch (error) {
          const { response, responseBody } = error as { response?: { statusCode?: number }; responseBody?: string };
          // One of them exists, and which one is not said.
          if (response?.statusCode === 409 && creations.length > 1) return creations.map(() => 'unknown' as const);
          const verdicts = response?.statusCode === 400 ? readBulkVerdicts(creations, responseBody ?? '') : undefined;
          if (verdicts) return verdicts;
          throw error;
        }
      });
    },

    listDevices({ withTags, maxRows, continuation }) {
      const page = { maxRows, ...(continuation === undefined ? {} : { continuation }) };
      return query('list devices', deviceQuery(withTags), page, (row) => readDevice(row, withTags));
    },

    findModules({ text, ...page }) {
      return query('find modules', text, { maxRows: mostRowsOfPage, ...page }, readModuleName);
    },

    async countDevices() {
      const { responseBody } = await call('read statistics', (sdk) => sdk.getRegistryStatistics());
      const count: unknown = responseBody?.totalDeviceCount;
      if (typeof count !== 'number') throw unexpectedResponse('read statistics', 'NoCount');
      return count;
    },

    async countModules() {
      const { rows } = await query('count modules', moduleCountQuery, {}, readCount);
      const [count] = rows;
      if (count === undefined) throw unexpectedResponse('count modules', 'NoCount');
      return count;
    },
  };
  return registry;
}

/**
 * The most that a query page is known to hold (Microsoft's query page of 2016). A query of modules names as many ids as fit,
 * some 200 of 36 characters: by a hub's own page size each would be charged as several.
 */
const mostRowsOfPage = 1_000;

/** `authentication` without keys: the hub makes them. Left out, the SDK would send empty keys in its place. */
function identityOf({ deviceId, moduleId, authentication }: ModuleCreation): Module {
  // The SDK's type of `authentication` leaves out its `type`, which its own code reads and sends.
  return { deviceId, moduleId, authentication: { type: authentication } as Module['authentication'] & object };
}

function twinOf({ twin }: ModuleCreation) {
  return {
    ...(twin?.tags ? { tags: twin.tags } : {}),
    ...(twin?.desired ? { properties: { desired: twin.desired } } : {}),
  };
}

function readCount(row: unknown): number | undefined {
  const { n } = (row ?? {}) as { n?: unknown };
  return typeof n === 'number' ? n : undefined;
}

function readModuleName(row: unknown): ModuleName | undefined {
  const { deviceId, moduleId } = (row ?? {}) as Record<string, unknown>;
  return typeof deviceId === 'string' && typeof moduleId === 'string' ? { deviceId, moduleId } : undefined;
}
