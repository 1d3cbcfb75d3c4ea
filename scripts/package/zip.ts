import { type Zippable, zipSync } from 'fflate';

/** The earliest time in a zip. In local time, as zips store it, so that the bytes do not depend on the time zone. */
const fixedTime = new Date(1980, 0, 1);

/** Unix mode 0644 of a plain file, in the upper half of the attributes. */
const attrs = 0o100644 << 16;
const unix = 3;

/** Packs the files into a zip whose bytes depend only on paths and contents. */
export function zipOf(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const entries: Zippable = {};
  for (const path of [...files.keys()].sort()) {
    const content = files.get(path);
    if (content) entries[path] = [content, { mtime: fixedTime, level: 9, os: unix, attrs }];
  }
  return zipSync(entries);
}
