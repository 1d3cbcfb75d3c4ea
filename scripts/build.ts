import { mkdir, rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

await rm('dist', { recursive: true, force: true });
await mkdir('dist');
// The package is `"type": "module"`; the bundle is CommonJS, since the Functions worker hands out its core API by `require`.
await writeFile('dist/package.json', '{ "type": "commonjs" }\n');
await build({
  entryPoints: ['functions/index.ts'],
  outfile: 'dist/index.js',
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  // Not on npm: the Functions worker supplies it at run time.
  external: ['@azure/functions-core'],
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  logLevel: 'warning',
});
