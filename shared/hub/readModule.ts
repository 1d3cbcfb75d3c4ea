import type { ModuleIdentity, ModuleTwin } from './registry.ts';
import { readLastActivity, withoutServiceKeys } from './twinQueries.ts';

/** Reads a module twin; undefined if an id or the etag is missing. */
export function readModuleTwin(twin: unknown): ModuleTwin | undefined {
  const { deviceId, moduleId, etag, tags, properties } = members(twin);
  if (typeof deviceId !== 'string' || typeof moduleId !== 'string' || typeof etag !== 'string') return undefined;
  const { desired } = members(properties);
  const { $version } = members(desired);
  return {
    deviceId,
    moduleId,
    etag,
    tags: withoutServiceKeys(tags),
    desired: withoutServiceKeys(desired),
    desiredVersion: typeof $version === 'number' ? $version : undefined,
  };
}

/** Reads a module identity without its keys; undefined if an id or the etag is missing. */
export function readModuleIdentity(identity: unknown): ModuleIdentity | undefined {
  const { deviceId, moduleId, etag, generationId, managedBy, connectionState, lastActivityTime, authentication } =
    members(identity);
  if (typeof deviceId !== 'string' || typeof moduleId !== 'string' || typeof etag !== 'string') return undefined;
  const { type, x509Thumbprint } = members(authentication);
  const { primaryThumbprint, secondaryThumbprint } = members(x509Thumbprint);
  const thumbprints = { primary: textOrNull(primaryThumbprint), secondary: textOrNull(secondaryThumbprint) };
  return {
    deviceId,
    moduleId,
    etag,
    generationId: typeof generationId === 'string' ? generationId : '',
    authentication: type === 'selfSigned' || type === 'certificateAuthority' || type === 'none' ? type : 'sas',
    ...(type === 'selfSigned' ? { thumbprints } : {}),
    // An unknown state counts as connected, so that no connected module is removed.
    isConnected: connectionState !== 'Disconnected',
    ...(typeof managedBy === 'string' && managedBy !== '' ? { managedBy } : {}),
    ...readLastActivity(lastActivityTime),
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function members(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
