import type { JsonObject } from '../wire/jsonObject.ts';
import { never, timeText } from '../wire/timeText.ts';
import { deviceScopeOf, parentScopesOf } from './deviceScopes.ts';
import { identityEtag, thumbprintsOf } from './identityJson.ts';
import { DeviceRow, type ModuleRow } from './identityRow.ts';
import {
  type CreationKind,
  initialSection,
  initialTwin,
  sectionJson,
  type TwinRecord,
  twinEtag,
} from './twinRecord.ts';

type Row = DeviceRow | ModuleRow;

/** The twin's fields in the order of the service's JSON, each made on demand. Undefined fields are omitted. */
const fieldMakers: { readonly [name: string]: (row: Row) => unknown } = {
  deviceId: (row) => (row instanceof DeviceRow ? row.deviceId : row.device.deviceId),
  moduleId: (row) => (row instanceof DeviceRow ? undefined : row.moduleId),
  etag: (row) => twinEtag(row.twin?.revision ?? 1),
  deviceEtag: identityEtag,
  status: (row) => (row instanceof DeviceRow ? row.status : 'enabled'),
  statusReason: (row) => (row instanceof DeviceRow ? (row.statusReason ?? undefined) : undefined),
  statusUpdateTime: (row) => timeText(row instanceof DeviceRow ? row.statusUpdatedMicros : never),
  connectionState: (row) => row.deviceSide.connectionState,
  lastActivityTime: (row) => timeText(row.deviceSide.lastActivityMicros),
  cloudToDeviceMessageCount: () => 0,
  authenticationType: (row) => row.authentication.type,
  x509Thumbprint: (row) => thumbprintsOf(row.authentication),
  version: (row) => (row.twin?.revision ?? 1) + (row.deviceSide.reported?.version ?? 1),
  tags: (row) => row.twin?.tags,
  properties: (row) => {
    const initial = initialSection(creationKindOf(row), row.createdMicros);
    const reported = row.deviceSide.reported ?? initial;
    return { desired: sectionJson(row.twin?.desired ?? initial), reported: sectionJson(reported) };
  },
  capabilities: (row) => ({ iotEdge: row instanceof DeviceRow && row.edge }),
  deviceScope: (row) => (row instanceof DeviceRow ? deviceScopeOf(row) : undefined),
  parentScopes: (row) => (row instanceof DeviceRow ? parentScopesOf(row) : undefined),
};

const canonicalNames = new Map(Object.keys(fieldMakers).map((name) => [name.toLowerCase(), name]));

/** The spelling of a top-level field in JSON. Queries may spell it otherwise: an example of Microsoft has `DeviceId`. */
export const canonicalFieldName = (name: string): string => canonicalNames.get(name.toLowerCase()) ?? name;

/** One top-level field of a twin; undefined if the twin has no such field. */
export const twinField = (row: Row, name: string): unknown =>
  Object.hasOwn(fieldMakers, name) ? fieldMakers[name]?.(row) : undefined;

/**
 * A whole twin without the fields in `omit`: module twins have no `capabilities`, query rows in Basic no `properties`.
 */
export function twinJson(row: Row, omit: readonly string[] = []): JsonObject {
  const json: JsonObject = {};
  for (const [name, make] of Object.entries(fieldMakers)) {
    const value = omit.includes(name) ? undefined : make(row);
    if (value !== undefined) json[name] = value;
  }
  return json;
}

/** The stored twin, or the initial one. */
export const twinOf = (row: Row): TwinRecord => row.twin ?? initialTwin(creationKindOf(row), row.createdMicros);

/** How the identity was created; its initial twin depends on it. */
export const creationKindOf = (row: Row): CreationKind => {
  if (row instanceof DeviceRow) return 'device';
  return row.createdInBulk ? 'moduleInBulk' : 'moduleSingly';
};
