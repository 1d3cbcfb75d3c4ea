import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { coreApi, provideCoreApi } from '../../local/host/coreApi.ts';
import type { CoreInvocationContext } from '../../local/host/coreTypes.ts';
import { triggerBindingName } from '../../local/host/invoker.ts';
import { loadApp } from '../../local/host/loadApp.ts';
import { runInWorker } from '../../local/host/runInWorker.ts';
import { WorkerApp } from '../../local/host/workerApp.ts';

/**
 * A program that does what the Functions worker does from its start to the end of one invocation, without the host.
 * Arguments: the entry of the app, the function to run, a file with the JSON input of its trigger. Prints `ran` at the end.
 */
async function main([entry = '', name = '', inputFile = '']: readonly string[]): Promise<void> {
  const app = new WorkerApp();
  provideCoreApi(coreApi(app, writeLine));
  await loadApp(app, entry);
  const registered = app.functions.get(name);
  if (!registered) throw new Error(`The app at ${entry} has no function ${name}.`);
  const invocationId = randomUUID();
  const data = { json: readFileSync(inputFile, 'utf8') };
  const context: CoreInvocationContext = {
    invocationId,
    request: {
      invocationId,
      functionId: registered.metadata.functionId,
      inputData: [{ name: triggerBindingName(registered), data }],
      triggerMetadata: {},
    },
    metadata: registered.metadata,
    log: writeLine,
  };
  await runInWorker(app, registered, context, { functionName: name, invocationId });
  process.stdout.write('ran\n');
}

function writeLine(level: string, category: string, message: string): void {
  process.stderr.write(`${level} ${category} ${message}\n`);
}

await main(process.argv.slice(2));
