import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { makePackage } from '../../scripts/package/makePackage.ts';
import { unpack } from '../../scripts/package/unpack.ts';

/** Entries of what is started, all of it plain JavaScript, so that nothing is measured but what would be deployed. */
export interface StartApps {
  /** The program that stands for the Functions worker. */
  worker: string;
  /** The deployment package, unpacked. */
  keeper: string;
  /** The same sources, compiled file by file, every dependency from `node_modules` and at once. */
  eager: string;
  /** An app with one empty timer, bundled. */
  emptyTimer: string;
}

/** Inside of the project, since the eager app needs its `node_modules`. */
const folder = 'out/bench-start';

/** Builds all of them. Rejects when one cannot be built. */
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
    // The distro of Application Insights, where the app has it, is started before anything else, as its page says.
    'for (const { useAzureMonitor } of packages) useAzureMonitor?.();',
    "await import('./functions/index.js');",
  ];
  const entry = join(folder, 'eager/eager.js');
  await writeFile(entry, `${lines.join('\n')}\n`);
  return entry;
}

/** What the app's own files import from packages, be it at the top or on first use, under the very names they say. */
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
  return [...new Set(imports.map(({ path }) => path).filter((path) => !path.startsWith('node:')))].sort();
}
