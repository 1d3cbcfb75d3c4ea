/** The value at a dotted path, such as `location.plant`; undefined where the device has no such tag. */
export function tagAt(tags: Readonly<Record<string, unknown>>, path: string): unknown {
  let value: unknown = tags;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) {
      return undefined;
    }
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
