import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Metafile } from 'esbuild';

/** What a bundle is made of. */
export interface Bundle {
  /** The app's entry. */
  file: string;
  /** Every source file of which something is in the bundle, relative to the project's folder. */
  sources: string[];
}

/** Writes the app to `folder` and answers its entry, `index.js`. */
export async function bundle(folder = 'dist'): Promise<string> {
  return (await bundleTo(folder)).file;
}

/**
 * Writes the app to `folder`, which is emptied first: `index.js`, loaded at start, and beside it `chunks/`, each loaded
 * when one of the app's `import()` first asks for it.
 */
export async function bundleTo(folder: string): Promise<Bundle> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // Whatever the package.json above it says, and whether the worker then imports or requires it.
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
  const built = await Promise.all([
    build({
      ...options,
      entryPoints: { index: 'functions/index.ts' },
      outdir: folder,
      // Whole, the worker has to compile the SDKs before it can start (docs/benchmarks.md).
      splitting: true,
      chunkNames: 'chunks/[name]-[hash]',
    }),
    // The thread that sends telemetry. Nearly all of it is other people's code; shorter, it loads faster.
    build({
      ...options,
      entryPoints: { exporterThread: 'shared/telemetry/exporterThread.cts' },
      outdir: folder,
      minify: true,
    }),
  ]);
  return { file: join(folder, 'index.js'), sources: sourcesOf(built.map(({ metafile }) => metafile)) };
}

const options = {
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'esm', // only such modules can be split
  external: [
    // Not on npm: the Functions worker supplies it at run time, by `require`.
    '@azure/functions-core',
    // `debug` tries whether it is there; here it is, but only since development packages need it.
    'supports-color',
  ],
  // All that the app uses of it. Whole, it would make each start 44 ms longer (docs/decisions/0011).
  alias: { '@azure/eventgrid': './node_modules/@azure/eventgrid/dist/esm/predicates.js' },
  // What packages in CommonJS expect to be there, and an ES module has not.
  define: { __filename: 'import.meta.filename', __dirname: 'import.meta.dirname' },
  banner: {
    js: "import { createRequire as createRequireOf } from 'node:module'; const require = createRequireOf(import.meta.url);",
  },
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
} as const satisfies BuildOptions;

function sourcesOf(metafiles: readonly Metafile[]): string[] {
  const inputs = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap((output) => Object.entries(output.inputs)),
  );
  return [...new Set(inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([source]) => source))].sort();
}
