/** Longest query text that a hub takes, in characters (IoT Hub query language page). */
export const maxQueryLength = 8192;

export const moduleCountQuery = 'SELECT COUNT() AS n FROM devices.modules';

/**
 * Names only the columns that selection needs, since rows are charged by size against the hub's daily message quota.
 * `tags` comes whole: what a nested projection's column is called is not documented.
 */
export function deviceQuery(withTags: boolean): string {
  return `SELECT deviceId, status, authenticationType, capabilities${withTags ? ', tags' : ''} FROM devices`;
}

const head = 'SELECT deviceId, moduleId FROM devices.modules WHERE ';
/** Most that the list of modules may take of a query, so that its devices have room. */
const maxModuleListLength = maxQueryLength / 2;

/**
 * The queries, each short enough for the hub, that together ask for each of these modules on each of these devices
 * once: as few as the order of the devices allows.
 */
export function moduleQueries(deviceIds: readonly string[], moduleIds: readonly string[]): string[] {
  return lists(moduleIds, maxModuleListLength).flatMap((modules) => {
    const start = `${head}${isOneOf(modules)} AND deviceId IN [`;
    return lists(deviceIds, maxQueryLength - start.length - ']'.length).map((devices) => `${start}${devices}]`);
  });
}

/** The ids as lists of literals, in their order, each list at most `maxLength` characters and as full as can be. */
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

/** `=` for a single module, since that form was seen to work on a real hub. */
function isOneOf(modules: string): string {
  return modules.includes('","') ? `moduleId IN [${modules}]` : `moduleId = ${modules}`;
}

/** Double quotes, since an id may hold a single quote; it can hold neither a double quote nor a backslash. */
function literal(id: string): string {
  return `"${id}"`;
}
