import { requireId, requireObject } from '../wire/bodyFields.ts';
import type { JsonObject } from '../wire/jsonObject.ts';
import { argumentInvalid } from '../wire/refusals.ts';

/**
 * The modes of Microsoft's swagger, and the two `createOrUpdate…` modes of azure-iot-sdk-csharp's ImportMode.cs. Letter
 * case is ignored, since the Node SDK capitalises some modes.
 */
const importModes = [
  'create',
  'update',
  'updateIfMatchETag',
  'createOrUpdate',
  'createOrUpdateIfMatchETag',
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
 * The mode of an entry that has none. Documented for imports. In bulk calls it is unproven, but the C# SDK relies on it
 * there: it omits this mode.
 */
const defaultMode: ImportMode = 'createOrUpdate';

/** Parses an entry. Throws a 400 refusal if it is invalid. */
export function readBulkEntry(value: unknown): BulkEntry {
  const body = requireObject(value, 'Each identity');
  const hasModule = body.moduleId !== undefined && body.moduleId !== null && body.moduleId !== '';
  return {
    deviceId: requireId(body.id, 'id'),
    moduleId: hasModule ? requireId(body.moduleId, 'moduleId') : undefined,
    mode: readMode(body.importMode ?? defaultMode),
    body,
  };
}

function readMode(value: unknown): ImportMode {
  const wanted = typeof value === 'string' ? value.toLowerCase() : '';
  const mode = importModes.find((known) => known.toLowerCase() === wanted);
  if (!mode) throw argumentInvalid(`importMode must be one of ${importModes.join(', ')}`);
  return mode;
}
