import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import type {
  CoreInvocationContext,
  InvocationResponse,
  LogCategory,
  LogLevel,
  RetryContext,
  RpcTypedData,
} from './coreTypes.ts';
import { FunctionTimeoutError, HostConfigurationError } from './hostError.ts';
import { describeError, type LogScope, type WriteLog } from './hostLog.ts';
import { runInWorker } from './runInWorker.ts';
import type { RegisteredFunction, WorkerApp } from './workerApp.ts';

/** What a trigger passes to the function. */
export interface TriggerInput {
  data: RpcTypedData;
  /** Keys in PascalCase, as the host writes them; the library converts them to camelCase. */
  metadata?: Record<string, RpcTypedData>;
  /** Only for a retry. */
  retryContext?: RetryContext;
}

/** The response of a successful invocation. */
export interface InvocationOutcome extends InvocationResponse {
  durationMs: number;
}

/** Runs a registered function once and sends its outputs. Rejects with the function's own error. */
export type Invoke = (registered: RegisteredFunction, input: TriggerInput) => Promise<InvocationOutcome>;

export interface InvokerOptions {
  app: WorkerApp;
  writeLog: WriteLog;
  clock: Clock;
  /** `undefined`: unlimited. */
  functionTimeoutMs: number | undefined;
  /** Called once for each invocation that times out; in Azure the worker process restarts. */
  onTimeout: (error: FunctionTimeoutError) => void;
  /** Sends the values of the output bindings; if it fails, the invocation fails. */
  sendOutputs: (registered: RegisteredFunction, response: InvocationResponse) => Promise<void>;
  /** Called at the end of every invocation. */
  onInvoked?: (invocation: InvocationRecord) => void;
}

/** An ended invocation, for the host's own telemetry. */
export interface InvocationRecord {
  functionName: string;
  traceId: string;
  spanId: string;
  startedAtMs: number;
  durationMs: number;
  succeeded: boolean;
}

/**
 * The name of the trigger's binding. The library generates this name, so the binding is found by its type. Throws
 * `HostConfigurationError` if there is none.
 */
export function triggerBindingName({ metadata }: RegisteredFunction): string {
  const found = Object.entries(metadata.bindings).find(([, binding]) => /trigger$/i.test(binding.type));
  if (!found) throw new HostConfigurationError('it has no trigger binding');
  return found[0];
}

/** Runs functions with the host's part of an invocation: ids, logs, `functionTimeout`, output bindings. */
export function invoker(options: InvokerOptions): Invoke {
  const { app, writeLog, clock } = options;

  async function withinTimeout<T>(name: string, invocation: Promise<T>): Promise<T> {
    const { functionTimeoutMs } = options;
    if (functionTimeoutMs === undefined) return invocation;
    const finished = new AbortController();
    const timeout = clock.sleep(functionTimeoutMs, finished.signal).then(
      () => {
        const error = new FunctionTimeoutError(
          `Timeout value of ${functionTimeoutMs / 1000} s exceeded by function: Functions.${name}. Raise functionTimeout in host.json or do less in one run.`,
        );
        options.onTimeout(error);
        throw error;
      },
      () => invocation,
    );
    try {
      return await Promise.race([invocation, timeout]);
    } finally {
      finished.abort(); // then `timeout` may reject with the invocation's own error; `Promise.race` handles that rejection too
    }
  }

  return async (registered, input) => {
    const { name, functionId } = registered.metadata;
    const invocationId = randomUUID();
    const traceId = randomBytes(16).toString('hex');
    const spanId = randomBytes(8).toString('hex');
    const scope: LogScope = { functionName: name, invocationId, traceId, spanId };
    const context: CoreInvocationContext = {
      invocationId,
      request: {
        invocationId,
        functionId,
        inputData: [{ name: triggerBindingName(registered), data: input.data }],
        triggerMetadata: input.metadata ?? {},
        traceContext: { traceParent: `00-${traceId}-${spanId}-01`, traceState: '', attributes: {} },
        ...(input.retryContext === undefined ? {} : { retryContext: input.retryContext }),
      },
      metadata: registered.metadata,
      log: (level: LogLevel, category: LogCategory, message: string) => writeLog(level, category, message, scope),
    };
    const startedAtMs = clock.now();
    const reportEnd = (succeeded: boolean, durationMs: number) =>
      options.onInvoked?.({ functionName: name, traceId, spanId, startedAtMs, durationMs, succeeded });
    writeLog('information', 'host', `Executing 'Functions.${name}'`, scope);
    try {
      const response = await withinTimeout(name, runInWorker(app, registered, context, scope));
      await options.sendOutputs(registered, response);
      const durationMs = clock.now() - startedAtMs;
      writeLog('information', 'host', `Executed 'Functions.${name}' (Succeeded, Duration=${durationMs}ms)`, scope);
      reportEnd(true, durationMs);
      return { ...response, durationMs };
    } catch (error) {
      const durationMs = clock.now() - startedAtMs;
      writeLog(
        'error',
        'host',
        `Executed 'Functions.${name}' (Failed, Duration=${durationMs}ms) ${describeError(error)}`,
        scope,
      );
      reportEnd(false, durationMs);
      throw error;
    }
  };
}
