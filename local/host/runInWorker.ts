import type { CoreInvocationContext, FunctionCallback, InvocationResponse } from './coreTypes.ts';
import { WorkerError } from './hostError.ts';
import type { LogScope } from './hostLog.ts';
import type { RegisteredFunction, WorkerApp } from './workerApp.ts';

/**
 * The worker's part of an invocation, step by step in its order (Azure/azure-functions-nodejs-worker,
 * InvocationHandler.ts): arguments, `preInvocation` hooks, the function, `postInvocation` hooks, the response. Gives
 * `scope` the invocation context, for the app's `log` hooks. Rejects with what function or hooks threw.
 */
export async function runInWorker(
  app: WorkerApp,
  { callback }: RegisteredFunction,
  context: CoreInvocationContext,
  scope: LogScope,
): Promise<InvocationResponse> {
  const model = app.programmingModel?.getInvocationModel(context);
  if (!model) throw new WorkerError('The app did not set a programming model; it must import "@azure/functions".');
  const { context: invocationContext, inputs } = await model.getArguments();
  scope.invocationContext = invocationContext;
  const hookData = {};
  const hookContext = (members: Record<string, unknown>): Record<string, unknown> =>
    Object.assign(app.hookContext(hookData), { invocationContext }, members);

  const before = hookContext({ inputs, functionCallback: callback });
  await inState(context, 'preInvocationHooks', () => app.runHooks('preInvocation', before));

  const after = hookContext({ inputs: before.inputs, result: null, error: null });
  try {
    const finalInputs = before.inputs as unknown[];
    const finalCallback = before.functionCallback as FunctionCallback;
    after.result = await inState(context, 'invocation', () =>
      model.invokeFunction(invocationContext, finalInputs, finalCallback),
    );
  } catch (error) {
    // The worker lets a thrown value that is no Error pass for success; nobody wants that of a stand-in.
    after.error = error instanceof Error ? error : new Error(String(error));
  }
  await inState(context, 'postInvocationHooks', () => app.runHooks('postInvocation', after));
  if (after.error instanceof Error) throw after.error;
  return model.getResponse(invocationContext, after.result);
}

async function inState<T>(
  context: CoreInvocationContext,
  state: CoreInvocationContext['state'],
  work: () => Promise<T>,
): Promise<T> {
  context.state = state;
  try {
    return await work();
  } finally {
    context.state = undefined;
  }
}
