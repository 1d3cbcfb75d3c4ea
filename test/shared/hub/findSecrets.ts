/** Paths in `root` where a secret can be read, also in hidden properties, symbols, getters and buffers. */
export function findSecrets(root: unknown, secrets: readonly string[]): string[] {
  const found: string[] = [];
  const seen = new Set<unknown>();
  const walk = (value: unknown, path: string) => {
    if (typeof value === 'string') {
      if (secrets.some((secret) => value.includes(secret))) found.push(path);
      return;
    }
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return;
    seen.add(value);
    if (value instanceof Uint8Array) return walk(Buffer.from(value).toString('utf8'), path);
    if (value instanceof Map || value instanceof Set) walk([...value], `${path}.entries`);
    for (const key of Reflect.ownKeys(value)) {
      walk(String(key), `${path}.key`);
      walk(Reflect.get(value, key), `${path}.${String(key)}`);
    }
  };
  walk(root, '$');
  return found;
}
