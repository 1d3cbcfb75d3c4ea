import type { TwinObject } from '../policy/moduleSpec.ts';
import type { FoundModule, ModuleColumns, ModuleReport, TwinColumns } from './registry.ts';

/** Longest query text that a hub accepts, in characters (Microsoft, IoT Hub query language page). */
export const maxQueryLength = 8192;

/** Counts all module identities of a hub; the count is in column `n`. */
export const moduleCountQuery = 'SELECT COUNT() AS n FROM devices.modules';

/**
 * Lists devices with only the columns that selection needs, because the hub charges the size of the rows to the daily message
 * quota. Reads `tags` as a whole, because Microsoft does not document the column name of a nested projection.
 */
export function deviceQuery(withTags: boolean): string {
  return `SELECT deviceId, status, authenticationType, capabilities${withTags ? ', tags' : ''} FROM devices`;
}

/** The names of a query's columns: `t` and `d` for a whole section, `t0`, `t1`, `d0` for its keys in their order; `s`, `i`, `l` of the report. */
const sectionPaths = { tags: { path: 'tags', column: 't' }, desired: { path: 'properties.desired', column: 'd' } };
/** Longest list of columns, so that there is room for ids; with more keys the sections are read as a whole. */
const maxColumnsLength = maxQueryLength / 4;
/** A key that a path of the query language may contain unchanged; tests of Microsoft's Java SDK use hyphens. */
const plainKey = /^[A-Za-z_][A-Za-z0-9_-]*$/;
/**
 * Words that a hub may refuse as a key in a path, in upper or lower case. Microsoft publishes no list, so these are the words of
 * the query language and of SQL. A needless word only costs messages; a missing word makes every query of the sweep fail.
 */
const queryWords = new Set(
  'ALL AND ARRAY AS ASC AVG BETWEEN BY CASE COUNT DESC DISTINCT ELSE END ESCAPE EXISTS FALSE FROM GROUP HAVING IN INNER IS JOIN LIKE LIMIT MAX MIN NIN NOT NULL OFFSET ON OR ORDER SELECT SUM THEN TOP TRUE UDF UNDEFINED UNION VALUE WHEN WHERE WITH'.split(
    ' ',
  ),
);

/** Longest list of module ids in a query, so that there is room for device ids. */
const maxModuleListLength = maxQueryLength / 2;

/**
 * Queries that together cover each of these modules on each of these devices once. No query is longer than `maxQueryLength`, and
 * each names as many ids as fit, in the given order. `columns` (of `readableColumns`): what each row has beside the ids.
 */
export function moduleQueries(
  deviceIds: readonly string[],
  moduleIds: readonly string[],
  columns?: ModuleColumns,
): string[] {
  const head = `SELECT deviceId, moduleId${columns ? columnsText(columns) : ''} FROM devices.modules WHERE `;
  return lists(moduleIds, maxModuleListLength).flatMap((modules) => {
    const start = `${head}${isOneOf(modules)} AND deviceId IN [`;
    return lists(deviceIds, maxQueryLength - start.length - ']'.length).map((devices) => `${start}${devices}]`);
  });
}

/**
 * The columns that a query can read: a whole section if one of its keys is not a plain name or is a word of the query language;
 * both whole sections if the list of columns would be too long.
 */
export function readableColumns(columns: ModuleColumns): ModuleColumns {
  const isReadable = (keys: TwinColumns['tags']) => keys !== 'all' && keys.every(isPathKey);
  const read: TwinColumns = {
    tags: isReadable(columns.tags) ? columns.tags : 'all',
    desired: isReadable(columns.desired) ? columns.desired : 'all',
  };
  const report = columns.report ? { report: true } : {};
  return columnsText(read).length <= maxColumnsLength
    ? { ...read, ...report }
    : { tags: 'all', desired: 'all', ...report };
}

const isPathKey = (key: string): boolean => plainKey.test(key) && !queryWords.has(key.toUpperCase());

/** Reads a row of a query of `moduleQueries`; undefined if an id is missing. */
export function readFoundModule(row: unknown, columns: ModuleColumns | undefined): FoundModule | undefined {
  const value = (row ?? {}) as Record<string, unknown>;
  const { deviceId, moduleId } = value;
  if (typeof deviceId !== 'string' || typeof moduleId !== 'string') return undefined;
  if (!columns) return { deviceId, moduleId };
  const twin = { tags: readSection(value, 'tags', columns), desired: readSection(value, 'desired', columns) };
  return { deviceId, moduleId, twin, ...(columns.report ? { report: readReport(value) } : {}) };
}

function readReport({ s, i, l }: Record<string, unknown>): ModuleReport {
  const fields = typeof i === 'string' ? i.split(',').map((name) => name.trim()) : i;
  const names = Array.isArray(fields) ? fields.filter((name) => typeof name === 'string' && name !== '') : [];
  return { ...(typeof s === 'string' ? { state: s } : {}), invalidFields: names, ...readLastActivity(l) };
}

function readSection(row: Record<string, unknown>, section: keyof TwinColumns, columns: ModuleColumns): TwinObject {
  const keys = columns[section];
  const { column } = sectionPaths[section];
  if (keys === 'all') return withoutServiceKeys(row[column]);
  const found = keys.map((key, index) => [key, row[`${column}${index}`]] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined && value !== null));
}

/** `lastActivityTime` as a member; no member if the module was never active, for which the hub writes a time in the year 1. */
export function readLastActivity(time: unknown): { lastActivityTime?: string } {
  const isActivity = typeof time === 'string' && !time.startsWith('0001-') && !Number.isNaN(Date.parse(time));
  return isActivity ? { lastActivityTime: time } : {};
}

/** A section of a twin without the hub's own keys (`$metadata`, `$version`); empty if `section` is not an object. */
export function withoutServiceKeys(section: unknown): TwinObject {
  if (typeof section !== 'object' || section === null || Array.isArray(section)) return {};
  return Object.fromEntries(Object.entries(section).filter(([key]) => !key.startsWith('$')));
}

/** What the micro agent reports (Microsoft, Configure a micro agent twin), and when the module was active. */
const reportColumns =
  ', properties.reported.latest_state AS s, properties.reported.latest_invalid_fields AS i, lastActivityTime AS l';

function columnsText(columns: ModuleColumns): string {
  const twin = (['tags', 'desired'] as const).map((section) => sectionText(section, columns[section])).join('');
  return columns.report ? twin + reportColumns : twin;
}

function sectionText(section: keyof TwinColumns, keys: readonly string[] | 'all'): string {
  const { path, column } = sectionPaths[section];
  if (keys === 'all') return `, ${path} AS ${column}`;
  return keys.map((key, index) => `, ${path}.${key} AS ${column}${index}`).join('');
}

/** Splits the ids, in order, into comma-separated lists of literals, each at most `maxLength` characters. */
function lists(ids: readonly string[], maxLength: number): string[] {
  const full: string[] = [];
  let list = '';
  for (const id of ids) {
    const next = list === '' ? literal(id) : `${list},${literal(id)}`;
    if (next.length > maxLength && list !== '') {
      full.push(list);
      list = literal(id);
    } else {
      list = next;
    }
  }
  return list === '' ? full : [...full, list];
}

/** Uses `=` for a single module, because that form was observed to work on a live hub. */
function isOneOf(modules: string): string {
  return modules.includes('","') ? `moduleId IN [${modules}]` : `moduleId = ${modules}`;
}

/** The id in double quotes: an id may contain a single quote, but neither a double quote nor a backslash. */
function literal(id: string): string {
  return `"${id}"`;
}
