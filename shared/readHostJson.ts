import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `dist/chunks/` and `shared/` are at most so far below the folder with host.json. */
const mostLevels = 3;

/**
 * Returns the text of the app's host.json: from the folder that the host names (`AzureWebJobsScriptRoot`), else from one above
 * this code, else from the working directory. Undefined if none of them has the file.
 */
export function readHostJson(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const above: string[] = [];
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let level = 0; level < mostLevels; level++) {
    above.push(folder);
    folder = dirname(folder);
  }
  const named = env.AzureWebJobsScriptRoot?.trim();
  for (const place of [...(named ? [named] : []), ...above, process.cwd()]) {
    const text = readIfThere(join(place, 'host.json'));
    if (text !== undefined) return text;
  }
  return undefined;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return undefined;
    throw error;
  }
}
