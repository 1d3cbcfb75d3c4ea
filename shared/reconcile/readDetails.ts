import { isHubError } from '../hub/hubError.ts';
import type { ModuleIdentity, ModuleTwin, Registry } from '../hub/registry.ts';
import type { ModuleSpec, TwinObject } from '../policy/moduleSpec.ts';

/** The details of an existing module, read by id; never its keys. */
export interface ModuleDetails {
  /** Null if the hub does not say it: under a SAS key it hides the modules of a disabled device. */
  isConnected: boolean | null;
  /** ISO 8601; null if the module was never active, or if `isConnected` is null. */
  lastActivityTime: string | null;
  authentication: ModuleIdentity['authentication'] | null;
  /** The service that owns the module, such as `IotEdge`. */
  managedBy: string | null;
  /** Only the top-level tags and desired properties that the policy names: others may contain private data. */
  twin: { tags: TwinObject; desired: TwinObject };
}

/** Reads one module; undefined if it is not there any more. Throws `HubError`. */
export async function readDetails(
  registry: Registry,
  { moduleId, twin: wanted }: ModuleSpec,
  deviceId: string,
): Promise<ModuleDetails | undefined> {
  const name = { deviceId, moduleId };
  const twin: ModuleTwin | undefined = await registry.readModuleTwin(name);
  if (!twin) return undefined;
  const identity = await identityOf(registry, name);
  return {
    isConnected: identity?.isConnected ?? null,
    lastActivityTime: identity?.lastActivityTime ?? null,
    authentication: identity?.authentication ?? null,
    managedBy: identity?.managedBy ?? null,
    twin: { tags: named(twin.tags, wanted.tags), desired: named(twin.desired, wanted.desired) },
  };
}

async function identityOf(registry: Registry, name: Parameters<Registry['readModule']>[0]) {
  try {
    return await registry.readModule(name);
  } catch (error) {
    // The twin was read, so the app's key is good: the device is disabled.
    if (isHubError(error, 'unauthorized')) return undefined;
    throw error;
  }
}

function named(section: TwinObject, wanted: TwinObject = {}): TwinObject {
  return Object.fromEntries(Object.entries(section).filter(([key]) => Object.hasOwn(wanted, key)));
}
