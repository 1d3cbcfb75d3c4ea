import type { TokenCredential } from '@azure/identity';
import type { Module, Registry as SdkRegistry } from 'azure-iothub';
import type { HubConfig } from '../config/config.ts';
import { readBulkVerdicts } from './bulkVerdicts.ts';
import { connectHub } from './connectHub.ts';
import { HubError, isHubError } from './hubError.ts';
import { readDevice } from './readDevice.ts';
import { readHubFailure } from './readHubFailure.ts';
import { type ModuleCreation, type ModuleName, maxBulkIdentities, type Page, type Registry } from './registry.ts';
import { deviceQuery } from './twinQueries.ts';

/** The registry of a real hub over `azure-iothub`, by SAS key or Entra ID. No budget and no retry: see `pacedRegistry`. */
export function azureRegistry(hub: HubConfig, credential: () => Promise<TokenCredential>): Registry {
  let connecting: Promise<SdkRegistry> | undefined;

  /** Runs one call and lets nothing out but a plain result or a `HubError`. */
  async function call<T>(operation: string, work: (sdk: SdkRegistry) => Promise<T>): Promise<T> {
    connecting ??= connectHub(hub, credential);
    try {
      return await work(await connecting);
    } catch (error) {
      if (error instanceof HubError) throw error;
      // Not as `cause`: the SDK's error holds the request, and with it the token.
      throw new HubError(hub.name, operation, readHubFailure(error));
    }
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
      if (!Array.isArray(result)) throw new HubError(hub.name, operation, { kind: 'unavailable', code: 'NotAPage' });
      const rows = result.map(readRow).filter((row) => row !== undefined);
      return { rows, ...(pages.continuationToken ? { continuation: pages.continuationToken } : {}) };
    });
  }

  async function createOne(creation: ModuleCreation): Promise<'created' | 'exists'> {
    try {
      // The SDK sends no If-Match, so this only creates: an existing module and its keys stay as they are.
      await call('create module', (sdk) => sdk.addModule(identityOf(creation)));
      return 'created';
    } catch (error) {
      if (isHubError(error, 'moduleExists')) return 'exists';
      throw error;
    }
  }

  const registry: Registry = {
    reachesDisabledDevices: hub.auth.kind === 'entra',

    async getDevice(deviceId) {
      const answer = await call('read device twin', (sdk) => sdk.getTwin(deviceId));
      const device = readDevice(answer.responseBody, true);
      if (!device) throw new HubError(hub.name, 'read device twin', { kind: 'unavailable', code: 'NotATwin' });
      return device;
    },

    async hasModule({ deviceId, moduleId }) {
      try {
        await call('read module twin', (sdk) => sdk.getModuleTwin(deviceId, moduleId));
        return true;
      } catch (error) {
        if (isHubError(error, 'deviceNotFound', 'moduleNotFound')) return false;
        throw error;
      }
    },

    async createModule(creation) {
      if (!creation.twin) return createOne(creation);
      // A module identity has no twin properties; only the bulk call can write both at once.
      const [verdict] = await registry.createModules([creation]);
      if (verdict === 'created' || verdict === 'exists') return verdict;
      if (typeof verdict === 'object') {
        const { refused: kind, code } = verdict;
        throw new HubError(hub.name, 'create module', { kind, status: 400, ...(code ? { code } : {}) });
      }
      throw new HubError(hub.name, 'create module', { kind: 'unavailable', status: 400, code: 'NoVerdict' });
    },

    async createModules(creations) {
      if (creations.length === 0) return [];
      if (creations.length > maxBulkIdentities) throw new RangeError(`at most ${maxBulkIdentities} creations a call`);
      return call('create modules in bulk', async (sdk) => {
        try {
          await sdk.addDevices(creations.map((creation) => ({ ...identityOf(creation), ...twinOf(creation) })));
          return creations.map(() => 'created' as const);
        } catch (error) {
          const { response, responseBody } = error as { response?: { statusCode?: number }; responseBody?: string };
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
      return query('find modules', text, page, readModuleName);
    },

    async countDevices() {
      const answer = await call('read statistics', (sdk) => sdk.getRegistryStatistics());
      return answer.responseBody.totalDeviceCount;
    },
  };
  return registry;
}

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

function readModuleName(row: unknown): ModuleName | undefined {
  const { deviceId, moduleId } = (row ?? {}) as Record<string, unknown>;
  return typeof deviceId === 'string' && typeof moduleId === 'string' ? { deviceId, moduleId } : undefined;
}
