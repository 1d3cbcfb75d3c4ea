import { mkdir, rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

/** Writes the app as `dist/index.js`, beside it the thread that sends telemetry, and answers the app's path. */
export async function bundle(): Promise<string> {
  await rm('dist', { recursive: true, force: true });
  await mkdir('dist');
  // The package is `"type": "module"`; the bundle is CommonJS, since the Functions worker hands out its core API by `require`.
  await writeFile('dist/package.json', '{ "type": "commonjs" }\n');
  await build({
    entryPoints: { index: 'functions/index.ts', exporterThread: 'shared/telemetry/exporterThread.cts' },
    outdir: 'dist',
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    // Not on npm: the Functions worker supplies it at run time.
    external: ['@azure/functions-core'],
    // Packages whose ESM build the dynamic imports take ask where they are; in CommonJS there is no `import.meta`.
    define: { 'import.meta.url': 'bundleUrl' },
    banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'warning',
  });
  return 'dist/index.js';
}
