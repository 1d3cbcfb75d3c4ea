import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folders to search, from that of this code upwards: the app's folder is two above `dist/chunks/` and one above `shared/`. */
const mostLevels = 3;

/**
 * Returns the text of the app's host.json: from the folder that the host names (`AzureWebJobsScriptRoot`), else from the folder
 * of this code or one above it, else from the working directory. Undefined if none of these folders has the file.
 */
export function readHostJson(env: Environment): string | undefined {
  return textsOf('host.json', env)[0];
}

/** Returns the version in the app's package.json; undefined if no package.json of the app is found. */
export function readAppVersion(env: Environment): string | undefined {
  // The package.json in `dist/` has no version.
  for (const text of textsOf('package.json', env)) {
    const { name, version } = JSON.parse(text) as { name?: unknown; version?: unknown };
    if (name === 'module-keeper' && typeof version === 'string') return version;
  }
  return undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The texts of the files with this name in all folders where they may be; the folder that the host names comes first. */
function textsOf(name: string, env: Environment): string[] {
  const above: string[] = [];
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let level = 0; level < mostLevels; level++) {
    above.push(folder);
    folder = dirname(folder);
  }
  const named = env.AzureWebJobsScriptRoot?.trim();
  return [...(named ? [named] : []), ...above, process.cwd()].flatMap((place) => readIfThere(join(place, name)) ?? []);
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
