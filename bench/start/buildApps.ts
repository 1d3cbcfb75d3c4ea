import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { makePackage } from '../../scripts/package/makePackage.ts';
import { unpack } from '../../scripts/package/unpack.ts';

/** The entry files of the apps, in JavaScript, so that the compilation of TypeScript is not measured. */
export interface StartApps {
  /** The program that replaces the Functions worker. */
  worker: string;
  /** The deployment package, unpacked. */
  keeper: string;
  /** The same sources, compiled file by file, which import every dependency from `node_modules` at start. */
  eager: string;
  /** An app with one empty timer, bundled. */
  emptyTimer: string;
}

/** In the project, because the eager app needs its `node_modules`. */
const folder = 'out/bench-start';

/** Builds all apps. Rejects if one cannot be built. */
export async function buildStartApps(): Promise<StartApps> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
  await unpack((await makePackage()).zip, join(folder, 'keeper'));
  const emptyTimer = join(folder, 'emptyTimer.js');
  await buildFile('bench/start/emptyTimer.ts', emptyTimer);
  const worker = join(folder, 'worker.js');
  await buildFile('bench/start/workerProcess.ts', worker);
  return { worker, keeper: join(folder, 'keeper/dist/index.js'), eager: await buildEager(), emptyTimer };
}

async function buildFile(source: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    external: ['@azure/functions-core'],
    banner: {
      js: "import { createRequire as createRequireOf } from 'node:module'; const require = createRequireOf(import.meta.url);",
    },
    logLevel: 'warning',
  });
}

async function buildEager(): Promise<string> {
  await promisify(execFile)('node_modules/.bin/tsc', ['--project', 'bench/start/tsconfig.eager.json']);
  const { dependencies } = JSON.parse(await readFile('package.json', 'utf8'));
  const packages = [...new Set([...Object.keys(dependencies), ...(await importedPackages())])].sort();
  const lines = [
    ...packages.map((name, index) => `import * as package${index} from '${name}';`),
    `const packages = [${packages.map((_, index) => `package${index}`).join(', ')}];`,
    // The documentation of the Application Insights distro says to start it before everything else.
    'for (const { useAzureMonitor } of packages) useAzureMonitor?.();',
    "await import('./functions/index.js');",
  ];
  const entry = join(folder, 'eager/eager.js');
  await writeFile(entry, `${lines.join('\n')}\n`);
  return entry;
}

/** Returns the package names in the imports of the app's own files, static and dynamic. */
async function importedPackages(): Promise<string[]> {
  const { metafile } = await build({
    entryPoints: ['functions/index.ts'],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    write: false,
    metafile: true,
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  return [...new Set(imports.map(({ path }) => path).filter((path) => !/^(node|virtual):/.test(path)))].sort();
}
