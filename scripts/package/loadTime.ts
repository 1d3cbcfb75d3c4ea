import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unpack } from './unpack.ts';

/** Each measurement in a new process, so that everything is compiled again. */
const processes = 5;

/**
 * Measures how long a new process takes to load the unpacked package and register all functions: the median in ms. The
 * processes run the worker of the local host, started by its path, since scripts/ imports nothing of local/.
 */
export async function loadTimeMs(zip: Uint8Array): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'module-keeper-load-'));
  try {
    await unpack(zip, folder);
    const program = join(import.meta.dirname, '../../local/host/loadProcess.ts');
    const times: number[] = [];
    for (let count = 0; count < processes; count += 1) {
      const args = ['--disable-warning=ExperimentalWarning', program, join(folder, 'dist/index.js')];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      times.push(Number(stdout));
    }
    return times.sort((left, right) => left - right)[Math.floor(processes / 2)] ?? Number.NaN;
  } finally {
    await rm(folder, { recursive: true });
  }
}
