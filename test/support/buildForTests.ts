import { mkdir, mkdtemp } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions, bundleTo } from '../../scripts/bundle.ts';

/**
 * Run by jest before all tests: bundles the app and the stand-in for the Functions host from their sources. The end-to-end
 * tests start both dozens of times, and a start from the sources costs 1.5 s more of a processor.
 */
export default async function buildForTests(): Promise<void> {
  await mkdir('out', { recursive: true });
  // A folder for each run, so that two runs at the same time do not replace each other's files.
  const folder = resolve(await mkdtemp(join('out', 'test-')));
  const [app] = await Promise.all([
    bundleTo(join(folder, 'app')),
    build({
      ...bundleOptions,
      minify: true,
      entryPoints: ['local/host/main.ts'],
      outfile: join(folder, 'host.mjs'),
    }),
  ]);
  // The workers of jest inherit both.
  process.env.TEST_APP = resolve(app.file);
  process.env.LOCAL_HOST_PROGRAM = join(folder, 'host.mjs');
}
