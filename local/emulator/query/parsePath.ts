import type { Collection, Path } from './ast.ts';
import type { TokenReader } from './tokenReader.ts';

/** Parses a dotted name; later names may be in brackets: `tags['odd name']`, `tags.[[odd name]]`. */
export function parsePath(reader: TokenReader): Path {
  const path = [reader.expectName()];
  for (;;) {
    const following = reader.peek(1);
    if (reader.takeSymbol('.')) path.push(reader.expectName());
    else if (reader.isSymbol('[') && following.kind === 'string') {
      reader.advance();
      reader.advance();
      reader.expectSymbol(']');
      path.push(following.text);
    } else return path;
  }
}

/**
 * Removes the collection: `devices.modules.moduleId` means `moduleId` (Microsoft's examples have `devices.jobs.` as such a
 * prefix), and in queries of modules `devices.deviceId` means `deviceId` (help and tests of the Azure CLI's IoT extension).
 */
export function withoutCollection(path: Path, from: Collection): Path {
  const prefix = prefixes[from].find(
    (names) => path.length > names.length && names.every((name, at) => path[at]?.toLowerCase() === name),
  );
  return prefix ? path.slice(prefix.length) : path;
}

/** The longest first. */
const prefixes: { readonly [from in Collection]: readonly Path[] } = {
  devices: [['devices']],
  'devices.modules': [['devices', 'modules'], ['devices']],
};
