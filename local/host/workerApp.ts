import type { FunctionCallback, FunctionMetadata, HookCallback, HookName, ProgrammingModel } from './coreTypes.ts';
import { WorkerError } from './hostError.ts';

/** A function of the app. */
export interface RegisteredFunction {
  metadata: FunctionMetadata & { functionId: string };
  callback: FunctionCallback;
}

const hookNames: readonly string[] = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'];

/** What the app registered while it loaded: functions, hooks, the programming model. One for each process. */
export class WorkerApp {
  readonly functions = new Map<string, RegisteredFunction>();
  readonly appHookData: Record<string, unknown> = {};
  programmingModel: ProgrammingModel | undefined;
  /** The capabilities that the app declared in `app.setup`; set after start-up. */
  capabilities: Readonly<Record<string, string>> = {};
  private readonly hooks = new Map<string, HookCallback[]>();
  private hasFinishedStartup = false;

  /** From now on functions can be neither registered nor removed, as in the worker. */
  finishStartup(): void {
    this.hasFinishedStartup = true;
  }

  /**
   * Registers a function; returns a callback that removes it. Throws `WorkerError` after start-up, without a name, or
   * if the name is taken.
   */
  registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): () => void {
    if (this.hasFinishedStartup) throw new WorkerError('A function can only be registered during app startup.');
    const functionId = metadata.functionId ?? metadata.name;
    if (!functionId) throw new WorkerError('A function needs a name.');
    if (this.functions.has(functionId)) {
      throw new WorkerError(`A function named "${functionId}" is registered already; give each its own name.`);
    }
    this.functions.set(functionId, { metadata: { ...metadata, functionId }, callback });
    return () => {
      if (this.hasFinishedStartup) throw new WorkerError('A function can only be disposed during app startup.');
      this.functions.delete(functionId);
    };
  }

  /**
   * Registers a hook; returns a callback that removes it. Throws a `WorkerError` named RangeError for an unknown hook.
   */
  registerHook(name: string, callback: HookCallback): () => void {
    if (!hookNames.includes(name)) throw new WorkerError(`Unrecognized hook "${name}"`, 'RangeError');
    const callbacks = this.hooksOf(name);
    this.hooks.set(name, [...callbacks, callback]);
    return () => {
      this.hooks.set(
        name,
        this.hooksOf(name).filter((other) => other !== callback),
      );
    };
  }

  hooksOf(name: HookName | string): readonly HookCallback[] {
    return this.hooks.get(name) ?? [];
  }

  /** Runs the hooks in sequence, in the order of registration. Rejects with the first error. */
  async runHooks(name: HookName, context: Record<string, unknown>): Promise<void> {
    for (const callback of this.hooksOf(name)) await callback(context);
  }

  /** The members of every hook context. As in the worker, assigning either of them throws. */
  hookContext(hookData: Record<string, unknown>): Record<string, unknown> {
    const fixed = (name: string, value: unknown): PropertyDescriptor => ({
      enumerable: true,
      get: () => value,
      set: () => {
        throw new WorkerError(`Cannot assign to read only property '${name}'`);
      },
    });
    return Object.defineProperties(
      {},
      { hookData: fixed('hookData', hookData), appHookData: fixed('appHookData', this.appHookData) },
    );
  }
}
