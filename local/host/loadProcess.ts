import { performance } from 'node:perf_hooks';
import { coreApi, provideCoreApi } from './coreApi.ts';
import { loadApp } from './loadApp.ts';
import { WorkerApp } from './workerApp.ts';

/** A program: loads the app whose entry is its argument, as the worker does, and prints the time this took, in ms. */
async function main(entry: string): Promise<void> {
  const app = new WorkerApp();
  provideCoreApi(coreApi(app, () => undefined));
  const startMs = performance.now();
  await loadApp(app, entry);
  process.stdout.write(`${performance.now() - startMs}\n`);
}

await main(process.argv[2] ?? '');
