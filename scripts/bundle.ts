import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';
import { statusPagePlugin } from './statusPagePlugin.ts';

/** A written bundle. */
export interface Bundle {
  /** Path of the app's entry. */
  file: string;
  /** All source files with code in the bundle, relative to the project's folder. */
  sources: string[];
}

/** Writes the app to `folder`; returns the path of its entry, `index.js`. */
export async function bundle(folder = 'dist'): Promise<string> {
  return (await bundleTo(folder)).file;
}

/**
 * Writes the app to `folder`, which is emptied first: `index.js`, which is loaded at start, and `chunks/`, which the
 * app's `import()` calls load on first use.
 */
export async function bundleTo(folder: string): Promise<Bundle> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // Makes the files ES modules regardless of the package.json above them.
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
  const { metafile } = await build({
    ...bundleOptions,
    entryPoints: { index: 'functions/index.ts' },
    outdir: folder,
    // In one file, the worker would have to compile the SDKs before it can start (docs/benchmarks.md).
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
  });
  return { file: join(folder, 'index.js'), sources: sourcesOf(metafile) };
}

/**
 * Writes the command line `keeper` to `folder` as one executable file; returns its path. It is not a part of the app, so it has its
 * own folder, which is not deployed.
 */
export async function bundleCli(folder = 'dist-cli'): Promise<string> {
  const file = join(folder, 'keeper.js');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
  const { js } = bundleOptions.banner;
  await build({
    ...{ ...bundleOptions, target: 'node20', banner: { js: `#!/usr/bin/env node\n${js}` } },
    ...{ entryPoints: ['cli/main.ts'], outfile: file },
  });
  await chmod(file, 0o755);
  return file;
}

/** How the app is bundled, except for its entry and where the result goes. */
export const bundleOptions = {
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'esm', // esbuild splits ES modules only
  external: [
    // Not on npm: the Functions worker provides it at run time, by `require`.
    '@azure/functions-core',
    // An optional dependency of `debug`; installed here only because development packages need it.
    'supports-color',
  ],
  // The only file of this package that the app uses. The whole package would make each start 44 ms longer (docs/decisions/0011).
  alias: { '@azure/eventgrid': './node_modules/@azure/eventgrid/dist/esm/predicates.js' },
  // CommonJS packages expect these names, which ES modules do not have.
  define: { __filename: 'import.meta.filename', __dirname: 'import.meta.dirname' },
  banner: {
    js: "import { createRequire as createRequireOf } from 'node:module'; const require = createRequireOf(import.meta.url);",
  },
  plugins: [statusPagePlugin],
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
} as const satisfies BuildOptions;

function sourcesOf({ outputs }: Metafile): string[] {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  return [...new Set(inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([source]) => source))].sort();
}
