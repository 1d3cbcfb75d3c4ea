import type { CoreInvocationContext, FunctionCallback, InvocationResponse } from './coreTypes.ts';
import { WorkerError } from './hostError.ts';
import type { LogScope } from './hostLog.ts';
import type { RegisteredFunction, WorkerApp } from './workerApp.ts';

/**
 * The worker's part of an invocation, with its steps in order (Azure/azure-functions-nodejs-worker,
 * InvocationHandler.ts): arguments, `preInvocation` hooks, the function, `postInvocation` hooks, the response. Sets
 * `scope.invocationContext` for the app's `log` hooks. Rejects with what the function or a hook threw.
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
    // Differs from the worker, which treats a thrown value that is not an Error as success.
    after.error = error instanceof Error ? error : new Error(String(error));
  }
  await inState(context, 'postInvocationHooks', () => app.runHooks('postInvocation', after));
  if (after.error instanceof Error) throw after.error;
  return model.getResponse(invocationContext, after.result);
}

async function inState<T>(
  context: CoreInvocationContext,
  state: CoreInvocationContext['state'],
  step: () => Promise<T>,
): Promise<T> {
  context.state = state;
  try {
    return await step();
  } finally {
    context.state = undefined;
  }
}
