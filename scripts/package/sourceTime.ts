import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * When the sources were made, so that the same sources give the same bytes: SOURCE_DATE_EPOCH (seconds since 1970,
 * https://reproducible-builds.org/specs/source-date-epoch), otherwise the time of the last commit. Undefined for sources that are
 * no clone. Throws `RangeError` for a wrong SOURCE_DATE_EPOCH.
 */
export async function sourceTime(env: NodeJS.ProcessEnv, folder = '.'): Promise<Date | undefined> {
  const { SOURCE_DATE_EPOCH: epoch } = env;
  if (epoch) {
    if (!/^\d{1,11}$/.test(epoch)) throw new RangeError('SOURCE_DATE_EPOCH must be a number of seconds since 1970');
    return new Date(Number(epoch) * 1000);
  }
  try {
    const { stdout } = await promisify(execFile)('git', ['log', '-1', '--format=%ct'], { cwd: folder });
    return new Date(Number(stdout) * 1000);
  } catch (error) {
    // No git on this machine (ENOENT), no clone or no commit (128).
    const { code } = error as { code?: unknown };
    if (code === 'ENOENT' || code === 128) return undefined;
    throw error;
  }
}
