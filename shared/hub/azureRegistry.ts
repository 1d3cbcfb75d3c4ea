import type { TokenCredential } from '@azure/identity';
import type { Module, Registry as SdkRegistry } from 'azure-iothub';
import type { HubConfig } from '../config/config.ts';
import { hasModules } from '../config/tierLimits.ts';
import { unlessRejected } from '../unlessRejected.ts';
import { readBulkVerdicts } from './bulkVerdicts.ts';
import { connectHub, defaultIdleTimeoutMs } from './connectHub.ts';
import { type foreignBodyCodes, HubError, isHubError } from './hubError.ts';
import { type OperationName, operations } from './operations.ts';
import { readDevice } from './readDevice.ts';
import { readHubFailure } from './readHubFailure.ts';
import { readModuleIdentity, readModuleTwin } from './readModule.ts';
import { type ModuleCreation, type ModuleName, maxBulkIdentities, type Page, type Registry } from './registry.ts';
import { deviceQuery, moduleCountQuery, readFoundModule } from './twinQueries.ts';

/**
 * The registry of a hub, which calls it through `azure-iothub` with a SAS key or Entra ID. It has no budget and does not retry:
 * `pacedRegistry` does. A call throws `HubError` of kind `unavailable` if the hub sends nothing for `idleTimeoutMs`.
 */
export function azureRegistry(
  hub: HubConfig,
  credential: () => Promise<TokenCredential>,
  idleTimeoutMs = defaultIdleTimeoutMs,
): Registry {
  const connect = unlessRejected(() => connectHub(hub, credential, idleTimeoutMs));

  /** Runs one call. Throws only `HubError`. */
  async function call<T>(operation: OperationName, work: (sdk: SdkRegistry) => Promise<T>): Promise<T> {
    try {
      return await work(await connect());
    } catch (error) {
      if (error instanceof HubError) throw error;
      // No `cause`: the SDK's error holds the request with its token.
      throw new HubError(hub.name, operation, readHubFailure(error));
    }
  }

  /** The error for a response with status 200 whose body has the wrong shape, such as a proxy's page. */
  function unexpectedResponse(operation: OperationName, code: (typeof foreignBodyCodes)[number]): HubError {
    return new HubError(hub.name, operation, { kind: 'unavailable', status: 200, code });
  }

  async function query<Row>(
    operation: OperationName,
    text: string,
    page: { maxRows?: number; continuation?: string },
    readRow: (row: unknown) => Row | undefined,
  ): Promise<Page<Row>> {
    return call(operation, async (sdk) => {
      const pages = sdk.createQuery(text, page.maxRows);
      // The SDK's types require a token, but `undefined` is valid: it reads the first page.
      const { result } = await pages.next(page.continuation as string);
      if (!Array.isArray(result)) throw unexpectedResponse(operation, 'NotAPage');
      const rows = result.map(readRow).filter((row) => row !== undefined);
      const unreadable = result.length - rows.length;
      return {
        rows,
        ...(unreadable > 0 ? { unreadable } : {}),
        ...(pages.continuationToken ? { continuation: pages.continuationToken } : {}),
      };
    });
  }

  async function createSingly(creation: ModuleCreation): Promise<'created'> {
    // The SDK sends no If-Match, so this only creates: an existing module keeps its keys.
    const { responseBody } = await call(operations.createModule.name, (sdk) => sdk.addModule(identityOf(creation)));
    if (readModuleName(responseBody)?.moduleId !== creation.moduleId)
      throw unexpectedResponse(operations.createModule.name, 'NotAModule');
    return 'created';
  }

  /** Uses the bulk call, because a single create cannot write the twin. */
  async function createWithTwin(creation: ModuleCreation): Promise<'created' | 'exists'> {
    const [verdict] = await registry.createModules([creation]);
    if (verdict === 'created' || verdict === 'exists') return verdict;
    if (typeof verdict === 'object') {
      const { refused: kind, code } = verdict;
      throw new HubError(hub.name, operations.createModule.name, { kind, status: 400, ...(code ? { code } : {}) });
    }
    throw new HubError(hub.name, operations.createModule.name, { kind: 'unavailable', status: 400, code: 'NoVerdict' });
  }

  const registry: Registry = {
    reachesDisabledDevices: hub.auth.kind === 'entra',
    tierHasModules: hasModules(hub.tier),

    async getDevice(deviceId) {
      const { responseBody } = await call(operations.getDevice.name, (sdk) => sdk.getTwin(deviceId));
      const device = readDevice(responseBody, true);
      if (!device) throw unexpectedResponse(operations.getDevice.name, 'NotATwin');
      return device;
    },

    async hasModule({ deviceId, moduleId }) {
      const { name } = operations.hasModule;
      const found = await unlessMissing(async () => {
        const { responseBody } = await call(name, (sdk) => sdk.getModuleTwin(deviceId, moduleId));
        if (responseBody.moduleId !== moduleId) throw unexpectedResponse(name, 'NotATwin');
        return true;
      });
      return found === true;
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
      if (creations.length > maxBulkIdentities)
        throw new RangeError(`At most ${maxBulkIdentities} creations per call.`);
      return call(operations.createModules.name, async (sdk) => {
        try {
          const bodies = creations.map((creation) => ({ ...identityOf(creation), ...twinOf(creation) }));
          const { responseBody } = await sdk.addDevices(bodies);
          if (responseBody?.isSuccessful !== true)
            throw unexpectedResponse(operations.createModules.name, 'NotSuccessful');
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
      return query(operations.listDevices.name, deviceQuery(withTags), page, (row) => readDevice(row, withTags));
    },

    async readModuleTwin({ deviceId, moduleId }) {
      const { name } = operations.readModuleTwin;
      return unlessMissing(async () => {
        const { responseBody } = await call(name, (sdk) => sdk.getModuleTwin(deviceId, moduleId));
        const twin = readModuleTwin(responseBody);
        if (twin?.moduleId !== moduleId) throw unexpectedResponse(name, 'NotATwin');
        return twin;
      });
    },

    async readModule({ deviceId, moduleId }) {
      const { name } = operations.readModule;
      return unlessMissing(async () => {
        const { responseBody } = await call(name, (sdk) => sdk.getModule(deviceId, moduleId));
        const identity = readModuleIdentity(responseBody);
        if (identity?.moduleId !== moduleId) throw unexpectedResponse(name, 'NotAModule');
        return identity;
      });
    },

    async writeModuleTwin({ deviceId, moduleId }, { tags, desired }, etag) {
      const { name } = operations.writeModuleTwin;
      const patch = { ...(tags ? { tags } : {}), ...(desired ? { properties: { desired } } : {}) };
      try {
        const { responseBody } = await call(name, (sdk) => sdk.updateModuleTwin(deviceId, moduleId, patch, etag));
        if (readModuleTwin(responseBody)?.moduleId !== moduleId) throw unexpectedResponse(name, 'NotATwin');
        return 'written';
      } catch (error) {
        if (isHubError(error, 'deviceNotFound', 'moduleNotFound')) return 'missing';
        if (isHubError(error, 'etagMismatch')) return 'conflict';
        throw error;
      }
    },

    async removeModule({ deviceId, moduleId }, etag) {
      try {
        const { name } = operations.removeModule;
        const status = await call(name, (sdk) => removeByEtag(sdk, { deviceId, moduleId, etag } as Module));
        if (status !== 204) throw unexpectedResponse(name, 'NotRemoved'); // such as a proxy's page
        return 'removed';
      } catch (error) {
        if (isHubError(error, 'deviceNotFound', 'moduleNotFound')) return 'missing';
        if (isHubError(error, 'etagMismatch')) return 'conflict';
        throw error;
      }
    },

    findModules({ text, columns, ...page }) {
      const readRow = (row: unknown) => readFoundModule(row, columns);
      return query(operations.findModules.name, text, { maxRows: maxPageRows, ...page }, readRow);
    },

    async countDevices() {
      const { responseBody } = await call(operations.countDevices.name, (sdk) => sdk.getRegistryStatistics());
      const count: unknown = responseBody?.totalDeviceCount;
      if (typeof count !== 'number') throw unexpectedResponse(operations.countDevices.name, 'NoCount');
      return count;
    },

    async countModules() {
      const { rows } = await query(operations.countModules.name, moduleCountQuery, {}, readCount);
      const [count] = rows;
      if (count === undefined) throw unexpectedResponse(operations.countModules.name, 'NoCount');
      return count;
    },
  };
  return registry;
}

/**
 * Largest documented page of a query (Microsoft, IoT Hub query language page of 2016). A query of modules names about 200
 * ids of 36 characters; with the hub's default page size each query would be charged as several.
 */
const maxPageRows = 1_000;

async function unlessMissing<Found>(read: () => Promise<Found>): Promise<Found | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isHubError(error, 'deviceNotFound', 'moduleNotFound')) return undefined;
    throw error;
  }
}

/**
 * Resolves with the HTTP status. Passes a module to the SDK, because with two ids the SDK sends `If-Match: *`; and a callback,
 * because the SDK's `removeModule` of a module always fails without one (azure-iothub 1.16.6).
 */
function removeByEtag(sdk: SdkRegistry, module: Module): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    sdk.removeModule(module, (error, _body, response) => (error ? reject(error) : resolve(response?.statusCode)));
  });
}

/** Contains `authentication` without keys, so that the hub generates them; without `authentication` the SDK sends empty keys. */
function identityOf({ deviceId, moduleId, authentication: type, thumbprints }: ModuleCreation): Module {
  const { primary, secondary } = thumbprints ?? {};
  const certificates = thumbprints
    ? { x509Thumbprint: { primaryThumbprint: primary, secondaryThumbprint: secondary } }
    : {};
  // The SDK's type of `authentication` lacks `type`, which the SDK's code reads and sends.
  return {
    deviceId,
    moduleId,
    authentication: { type, ...certificates } as object as Module['authentication'] & object,
  };
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
