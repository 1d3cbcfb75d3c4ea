import type { FunctionCallback, FunctionMetadata, HookCallback, HookName, ProgrammingModel } from './coreTypes.ts';
import { WorkerError } from './hostError.ts';

export interface RegisteredFunction {
  metadata: FunctionMetadata & { functionId: string };
  callback: FunctionCallback;
}

const hookNames: readonly string[] = ['appStart', 'appTerminate', 'preInvocation', 'postInvocation', 'log'];

/** What the app registered while it loaded: functions, hooks, the programming model. One per process. */
export class WorkerApp {
  readonly functions = new Map<string, RegisteredFunction>();
  readonly appHookData: Record<string, unknown> = {};
  programmingModel: ProgrammingModel | undefined;
  /** What the app told of itself by `app.setup`; known after start-up. */
  capabilities: Readonly<Record<string, string>> = {};
  private readonly hooks = new Map<string, HookCallback[]>();
  private hasFinishedStartup = false;

  /** After this nothing more can be registered, as in the worker. */
  finishStartup(): void {
    this.hasFinishedStartup = true;
  }

  /**
   * Returns what takes the registration back.
   * @throws WorkerError after start-up, without a name, or when the name is taken.
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

  /** Returns what takes the hook off again. @throws WorkerError named RangeError for a hook that does not exist. */
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

  /** Runs the hooks one after another, in the order of their registration. The first that throws ends it. */
  async runHooks(name: HookName, context: Record<string, unknown>): Promise<void> {
    for (const callback of this.hooksOf(name)) await callback(context);
  }

  /** The members that every hook context has; replacing either object is an error in the worker too. */
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
