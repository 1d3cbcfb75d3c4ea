/** Longest query text that a hub accepts, in characters (Microsoft, IoT Hub query language page). */
export const maxQueryLength = 8192;

/** Counts all module identities of a hub; the count is in column `n`. */
export const moduleCountQuery = 'SELECT COUNT() AS n FROM devices.modules';

/**
 * Lists devices with only the columns that selection needs, because the hub charges rows by size to the daily message quota.
 * `tags` is read as a whole: Microsoft does not document the column name of a nested projection.
 */
export function deviceQuery(withTags: boolean): string {
  return `SELECT deviceId, status, authenticationType, capabilities${withTags ? ', tags' : ''} FROM devices`;
}

const head = 'SELECT deviceId, moduleId FROM devices.modules WHERE ';
/** Longest list of module ids in a query, so that there is room for device ids. */
const maxModuleListLength = maxQueryLength / 2;

/**
 * Queries that together cover each of these modules on each of these devices once. Each is short enough for the hub; there
 * are as few as possible without reordering the devices.
 */
export function moduleQueries(deviceIds: readonly string[], moduleIds: readonly string[]): string[] {
  return lists(moduleIds, maxModuleListLength).flatMap((modules) => {
    const start = `${head}${isOneOf(modules)} AND deviceId IN [`;
    return lists(deviceIds, maxQueryLength - start.length - ']'.length).map((devices) => `${start}${devices}]`);
  });
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

/** `=` for a single module, because that form was observed to work on a real hub. */
function isOneOf(modules: string): string {
  return modules.includes('","') ? `moduleId IN [${modules}]` : `moduleId = ${modules}`;
}

/** In double quotes: an id may contain a single quote, but neither a double quote nor a backslash. */
function literal(id: string): string {
  return `"${id}"`;
}
