/** Longest query text that a hub takes, in characters (IoT Hub query language page). */
export const maxQueryLength = 8192;

/**
 * Names only the columns that selection needs, since rows are charged by size against the hub's daily message quota.
 * `tags` comes whole: what a nested projection's column is called is not documented.
 */
export function deviceQuery(withTags: boolean): string {
  return `SELECT deviceId, status, authenticationType, capabilities${withTags ? ', tags' : ''} FROM devices`;
}

/** The fewest queries, each short enough for the hub, that together ask for these modules on all of these devices. */
export function moduleQueries(deviceIds: readonly string[], moduleIds: readonly string[]): string[] {
  const head = `SELECT deviceId, moduleId FROM devices.modules WHERE ${isOneOf(moduleIds)} AND deviceId IN [`;
  const room = maxQueryLength - head.length - ']'.length;
  const queries: string[] = [];
  let list = '';
  for (const id of deviceIds) {
    const next = list === '' ? literal(id) : `${list},${literal(id)}`;
    if (next.length > room && list !== '') {
      queries.push(`${head}${list}]`);
      list = literal(id);
    } else {
      list = next;
    }
  }
  if (list !== '') queries.push(`${head}${list}]`);
  return queries;
}

function isOneOf(moduleIds: readonly string[]): string {
  const [first] = moduleIds;
  if (moduleIds.length === 1 && first !== undefined) return `moduleId = ${literal(first)}`;
  return `moduleId IN [${moduleIds.map(literal).join(',')}]`;
}

/** Double quotes, since an id may hold a single quote; it can hold neither a double quote nor a backslash. */
function literal(id: string): string {
  return `"${id}"`;
}
