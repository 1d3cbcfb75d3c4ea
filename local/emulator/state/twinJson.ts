import type { JsonObject } from '../wire/jsonObject.ts';
import { never, timeText } from '../wire/timeText.ts';
import { deviceScopeOf, parentScopesOf } from './deviceScopes.ts';
import { identityEtag, thumbprintsOf } from './identityJson.ts';
import { DeviceRow, type ModuleRow } from './identityRow.ts';
import { type Birth, newbornSection, newbornTwin, sectionJson, type TwinRecord, twinEtag } from './twinRecord.ts';

type Row = DeviceRow | ModuleRow;

/** The twin's fields in the order of the wire, each made only when asked for. Undefined fields are left out. */
const fieldMakers: { readonly [name: string]: (row: Row) => unknown } = {
  deviceId: (row) => (row instanceof DeviceRow ? row.deviceId : row.device.deviceId),
  moduleId: (row) => (row instanceof DeviceRow ? undefined : row.moduleId),
  etag: (row) => twinEtag(row.twin?.revision ?? 1),
  deviceEtag: identityEtag,
  status: (row) => (row instanceof DeviceRow ? row.status : 'enabled'),
  statusReason: (row) => (row instanceof DeviceRow ? (row.statusReason ?? undefined) : undefined),
  statusUpdateTime: (row) => timeText(row instanceof DeviceRow ? row.statusUpdatedMicros : never),
  connectionState: () => 'Disconnected',
  lastActivityTime: () => timeText(never),
  cloudToDeviceMessageCount: () => 0,
  authenticationType: (row) => row.authentication.type,
  x509Thumbprint: (row) => thumbprintsOf(row.authentication),
  version: (row) => (row.twin?.revision ?? 1) + 1,
  tags: (row) => row.twin?.tags,
  properties: (row) => {
    const reported = newbornSection(birthOf(row), row.createdMicros);
    return { desired: sectionJson(row.twin?.desired ?? reported), reported: sectionJson(reported) };
  },
  capabilities: (row) => ({ iotEdge: row instanceof DeviceRow && row.edge }),
  deviceScope: (row) => (row instanceof DeviceRow ? deviceScopeOf(row) : undefined),
  parentScopes: (row) => (row instanceof DeviceRow ? parentScopesOf(row) : undefined),
};

const canonicalNames = new Map(Object.keys(fieldMakers).map((name) => [name.toLowerCase(), name]));

/** The wire's spelling of a top-level field: queries may write `DeviceId` (an example of Microsoft's documentation does). */
export const canonicalFieldName = (name: string): string => canonicalNames.get(name.toLowerCase()) ?? name;

/** One top-level field of a twin; undefined where the twin has none of that name. */
export const twinField = (row: Row, name: string): unknown =>
  Object.hasOwn(fieldMakers, name) ? fieldMakers[name]?.(row) : undefined;

/** A whole twin. `leaveOut`: module twins read by id come without `capabilities`; on Basic rows lack `properties`. */
export function twinJson(row: Row, leaveOut: readonly string[] = []): JsonObject {
  const json: JsonObject = {};
  for (const [name, make] of Object.entries(fieldMakers)) {
    const value = leaveOut.includes(name) ? undefined : make(row);
    if (value !== undefined) json[name] = value;
  }
  return json;
}

export const twinOf = (row: Row): TwinRecord => row.twin ?? newbornTwin(birthOf(row), row.createdMicros);

export const birthOf = (row: Row): Birth => {
  if (row instanceof DeviceRow) return 'device';
  return row.bornInBulk ? 'moduleInBulk' : 'moduleSingly';
};
