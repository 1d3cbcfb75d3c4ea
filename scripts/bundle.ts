import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build } from 'esbuild';

/** Writes the app as `index.js`, and beside it the thread that sends telemetry; answers the app's path. */
export async function bundle(folder = 'dist'): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // The package is `"type": "module"`; the bundle is CommonJS, since the Functions worker hands out its core API by `require`.
  await writeFile(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
  const outfile = join(folder, 'index.js');
  const options: BuildOptions = {
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    // Not on npm: the Functions worker supplies it at run time.
    external: ['@azure/functions-core'],
    // Packages whose ESM build the dynamic imports take ask where they are; in CommonJS there is no `import.meta`.
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    legalComments: 'none',
    logLevel: 'warning',
  };
  await Promise.all([
    build({ ...options, entryPoints: ['functions/index.ts'], outfile, sourcemap: 'linked', sourcesContent: false }),
    // Nearly all of it is other people's code; shorter, it loads faster.
    build({
      ...options,
      entryPoints: ['shared/telemetry/exporterThread.cts'],
      outfile: join(folder, 'exporterThread.js'),
      minify: true,
    }),
  ]);
  return outfile;
}
