import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The files of `infra/` that the compiler reads. `hubs.json` is the user's, and no evaluated file depends on it. */
const isRead = (path: string) => /\.(bicep|kql)$|^watch[\\/]workbook\.json$|^bicepconfig\.json$/.test(path);

/**
 * SHA-256, in hex, of all that the compiled and evaluated templates are made of, so that a machine without the Bicep CLI can
 * tell whether they are current too.
 */
export function sourcesHash(infra: string): string {
  const hash = createHash('sha256');
  const paths = readdirSync(infra, { recursive: true, encoding: 'utf8' }).filter(isRead);
  for (const path of paths.map((one) => one.replaceAll('\\', '/')).sort()) {
    hash.update(`${path}\0${readFileSync(join(infra, path), 'utf8')}\0`);
  }
  return hash.digest('hex');
}
