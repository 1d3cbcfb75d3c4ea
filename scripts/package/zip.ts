import { type Zippable, zipSync } from 'fflate';

/** The first moment that a zip can name. In local time, since that is what zips hold: the bytes are the same everywhere. */
const fixedTime = new Date(1980, 0, 1);

/** Readable by everybody, writable by its owner; the upper half of the attributes, as Unix has it. */
const attrs = 0o100644 << 16;
const unix = 3;

/** The files as one zip whose bytes depend on their paths and contents alone. */
export function zipOf(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const entries: Zippable = {};
  for (const path of [...files.keys()].sort()) {
    const content = files.get(path);
    if (content) entries[path] = [content, { mtime: fixedTime, level: 9, os: unix, attrs }];
  }
  return zipSync(entries);
}
