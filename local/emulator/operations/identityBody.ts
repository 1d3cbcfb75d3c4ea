import type { Authentication, AuthenticationType, DeviceStatus, Thumbprints } from '../state/identityRow.ts';
import type { DeviceSpec, ModuleSpec } from '../state/identitySpec.ts';
import { readOptionalString, requireObject } from '../wire/bodyFields.ts';
import type { JsonObject } from '../wire/jsonObject.ts';
import { argumentInvalid } from '../wire/refusals.ts';

const authenticationTypes: readonly AuthenticationType[] = ['sas', 'selfSigned', 'certificateAuthority', 'none'];
const thumbprintPattern = /^(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$/;
const maxStatusReasonLength = 128;

/** Reads a device from the body of a PUT or a bulk entry. Throws a 400 refusal if it is invalid. */
export function readDeviceSpec(deviceId: string, body: JsonObject): DeviceSpec {
  const authentication = readAuthentication(body.authentication);
  if (authentication?.type === 'none') throw argumentInvalid('authentication.type none is for modules only');
  const edge = readEdge(body.capabilities);
  return {
    deviceId,
    status: readStatus(body.status),
    statusReason: readStatusReason(body.statusReason),
    edge,
    parentScope: readParentScope(body, edge),
    ...(authentication ? { authentication } : {}),
  };
}

/**
 * Reads a module from the body of a PUT or a bulk entry. `none` as the authentication type of a user's module becomes
 * `sas` (seen on one live hub). Throws a 400 refusal if the body is invalid.
 */
export function readModuleSpec(moduleId: string, body: JsonObject): ModuleSpec {
  const authentication = readAuthentication(body.authentication);
  return {
    moduleId,
    managedBy: readOptionalString(body.managedBy, 'managedBy'),
    ...(authentication && authentication.type !== 'none' ? { authentication } : {}),
  };
}

function readStatus(value: unknown): DeviceStatus {
  if (value === undefined || value === null) return 'enabled';
  const status = typeof value === 'string' ? value.toLowerCase() : value;
  if (status !== 'enabled' && status !== 'disabled') throw argumentInvalid('status must be enabled or disabled');
  return status;
}

function readStatusReason(value: unknown): string | null {
  const reason = readOptionalString(value, 'statusReason');
  if ((reason?.length ?? 0) > maxStatusReasonLength)
    throw argumentInvalid('statusReason is longer than 128 characters');
  return reason;
}

/** `capabilities.iotEdge`, false by default. */
function readEdge(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  const { iotEdge } = requireObject(value, 'capabilities');
  if (iotEdge !== undefined && typeof iotEdge !== 'boolean')
    throw argumentInvalid('capabilities.iotEdge must be a boolean');
  return iotEdge ?? false;
}

/**
 * The scope of the parent device. It is `deviceScope` of a leaf device, and the only element of `parentScopes` of an Edge
 * device; the other field is ignored (seen on one live hub). The scope can be any text, and its device need not exist
 * (RegistryManagerE2ETests of azure-iot-sdk-csharp).
 */
function readParentScope(body: JsonObject, edge: boolean): string | undefined {
  if (!edge) return readScope(body.deviceScope, 'deviceScope');
  const scopes = body.parentScopes ?? [];
  if (!Array.isArray(scopes) || scopes.length > 1) throw argumentInvalid('parentScopes must be a list of one scope');
  return readScope(scopes[0], 'parentScopes');
}

function readScope(value: unknown, what: string): string | undefined {
  const scope = readOptionalString(value, what) ?? '';
  return scope === '' ? undefined : scope;
}

/**
 * `authentication` of an identity; undefined means SAS with generated keys, as does SAS with empty keys. The rules for
 * keys and thumbprints were seen on one live hub.
 */
function readAuthentication(value: unknown): Authentication | undefined {
  if (value === undefined || value === null) return undefined;
  const authentication = requireObject(value, 'authentication');
  const thumbprints = readThumbprints(authentication.x509Thumbprint);
  const type = readType(authentication.type, thumbprints);
  if (type === 'sas') {
    const keys = readKeys(authentication.symmetricKey);
    return keys && { type, keys };
  }
  return type === 'selfSigned' && thumbprints ? { type, thumbprints } : { type };
}

function readType(value: unknown, thumbprints: Thumbprints | undefined): AuthenticationType {
  if (value === undefined || value === null) return thumbprints ? 'selfSigned' : 'sas';
  const wanted = typeof value === 'string' ? value.toLowerCase() : value;
  const type = authenticationTypes.find((known) => known.toLowerCase() === wanted);
  if (!type) throw argumentInvalid(`authentication.type must be one of ${authenticationTypes.join(', ')}`);
  return type;
}

function readKeys(value: unknown): { primaryKey: string; secondaryKey: string } | undefined {
  if (value === undefined || value === null) return undefined;
  const keys = requireObject(value, 'authentication.symmetricKey');
  const primaryKey = readOptionalString(keys.primaryKey, 'primaryKey') ?? '';
  const secondaryKey = readOptionalString(keys.secondaryKey, 'secondaryKey') ?? '';
  if (primaryKey === '' && secondaryKey === '') return undefined;
  if (!isKey(primaryKey) || !isKey(secondaryKey)) {
    throw argumentInvalid('Both symmetric keys must be given, each as base64 of 16 to 64 bytes');
  }
  return { primaryKey, secondaryKey };
}

function isKey(text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length >= 16 && bytes.length <= 64 && bytes.toString('base64') === text;
}

function readThumbprints(value: unknown): Thumbprints | undefined {
  if (value === undefined || value === null) return undefined;
  const given = requireObject(value, 'authentication.x509Thumbprint');
  const read = (name: 'primaryThumbprint' | 'secondaryThumbprint'): string | null => {
    const thumbprint = readOptionalString(given[name], name);
    if (thumbprint === null || thumbprint === '') return null;
    if (!thumbprintPattern.test(thumbprint)) throw argumentInvalid(`${name} must be 40 or 64 hexadecimal digits`);
    return thumbprint;
  };
  const thumbprints = {
    primaryThumbprint: read('primaryThumbprint'),
    secondaryThumbprint: read('secondaryThumbprint'),
  };
  return thumbprints.primaryThumbprint === null && thumbprints.secondaryThumbprint === null ? undefined : thumbprints;
}
