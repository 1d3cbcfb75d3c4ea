import { requireId, requireObject } from '../wire/bodyFields.ts';
import type { JsonObject } from '../wire/jsonObject.ts';
import { argumentInvalid } from '../wire/refusals.ts';

/**
 * The modes of the swagger, and `createOrUpdate`, the default of import jobs. Any case: the Node SDK capitalises some.
 */
const importModes = [
  'create',
  'update',
  'updateIfMatchETag',
  'createOrUpdate',
  'delete',
  'deleteIfMatchETag',
  'updateTwin',
  'updateTwinIfMatchETag',
] as const;
export type ImportMode = (typeof importModes)[number];

/** One identity of a bulk call or of an import. */
export interface BulkEntry {
  deviceId: string;
  /** Undefined for a device. */
  moduleId: string | undefined;
  mode: ImportMode;
  body: JsonObject;
}

/**
 * Parses an entry. Throws a 400 refusal if it is invalid, or names no mode and there is no `defaultMode`: what a bulk
 * call of a hub does then is unknown.
 */
export function readBulkEntry(value: unknown, defaultMode?: ImportMode): BulkEntry {
  const body = requireObject(value, 'Each identity');
  const hasModule = body.moduleId !== undefined && body.moduleId !== null && body.moduleId !== '';
  return {
    deviceId: requireId(body.id, 'id'),
    moduleId: hasModule ? requireId(body.moduleId, 'moduleId') : undefined,
    mode: readMode(body.importMode ?? undefined, defaultMode),
    body,
  };
}

function readMode(value: unknown, defaultMode: ImportMode | undefined): ImportMode {
  if (value === undefined && defaultMode !== undefined) return defaultMode;
  const wanted = typeof value === 'string' ? value.toLowerCase() : '';
  const mode = importModes.find((known) => known.toLowerCase() === wanted);
  if (!mode) throw argumentInvalid(`importMode must be one of ${importModes.join(', ')}; there is no known default`);
  return mode;
}
