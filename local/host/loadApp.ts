import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HostConfigurationError } from './hostError.ts';
import type { WorkerApp } from './workerApp.ts';

/**
 * Loads the app's entry (a bundle, or TypeScript source that Node runs itself), which registers its functions, then
 * runs its `appStart` hooks. Call `provideCoreApi` first. Rejects with `HostConfigurationError` if the file is missing
 * or registers nothing, otherwise with what the app threw.
 */
export async function loadApp(app: WorkerApp, entry: string): Promise<void> {
  const path = resolve(entry);
  if (!(await isFile(path))) {
    throw new HostConfigurationError(`The app's entry "${entry}" does not exist; build it first (npm run build).`);
  }
  await import(pathToFileURL(path).href);
  if (app.functions.size === 0) {
    throw new HostConfigurationError(
      `The app's entry "${entry}" registered no function; it must import every file that calls app.http() and the like, and leave "@azure/functions-core" out of its bundle.`,
    );
  }
  await app.runHooks('appStart', Object.assign(app.hookContext({}), { functionAppDirectory: dirname(path) }));
  app.finishStartup();
  // Reading the capabilities locks app.setup(), as in the worker.
  app.capabilities = (await app.programmingModel?.getCapabilities?.({})) ?? {};
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
