import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import type { CoreInvocationContext, InvocationResponse, LogCategory, LogLevel, RpcTypedData } from './coreTypes.ts';
import { FunctionTimeoutError, WorkerError } from './hostError.ts';
import { describeError, type LogScope, type WriteLog } from './hostLog.ts';
import { runInWorker } from './runInWorker.ts';
import type { RegisteredFunction, WorkerApp } from './workerApp.ts';

/** What a trigger hands over. */
export interface TriggerInput {
  data: RpcTypedData;
  /** Keys as the host writes them (PascalCase); the library turns them to camelCase. */
  metadata?: Record<string, RpcTypedData>;
}

export interface InvocationOutcome extends InvocationResponse {
  durationMs: number;
}

/** Runs a registered function once and sends its outputs. Rejects with the function's own error. */
export type Invoke = (registered: RegisteredFunction, input: TriggerInput) => Promise<InvocationOutcome>;

export interface InvokerOptions {
  app: WorkerApp;
  writeLog: WriteLog;
  clock: Clock;
  /** `undefined`: unbounded. */
  functionTimeoutMs: number | undefined;
  /** Called once for each function that timed out; in Azure the worker process restarts. */
  onTimeout: (error: FunctionTimeoutError) => void;
  /** Sends what the output bindings got; a failure is the function's failure. */
  sendOutputs: (registered: RegisteredFunction, response: InvocationResponse) => Promise<void>;
  /** Told of every invocation when it has ended. */
  onInvoked?: (invocation: InvocationRecord) => void;
}

/** One invocation, as the host's own telemetry tells of it: its request. */
export interface InvocationRecord {
  functionName: string;
  traceId: string;
  spanId: string;
  startedAtMs: number;
  durationMs: number;
  succeeded: boolean;
}

/** The name of the trigger's binding: generated, hence found by its type. @throws WorkerError if there is none. */
export function triggerBindingName({ metadata }: RegisteredFunction): string {
  const found = Object.entries(metadata.bindings).find(([, binding]) => /trigger$/i.test(binding.type));
  if (!found) throw new WorkerError(`Function "${metadata.name}" has no trigger binding.`);
  return found[0];
}

/** Runs functions with everything around the worker's part: ids, logs, `functionTimeout`, output bindings. */
export function invoker(options: InvokerOptions): Invoke {
  const { app, writeLog, clock } = options;

  async function withinTimeout<T>(name: string, work: Promise<T>): Promise<T> {
    const { functionTimeoutMs } = options;
    if (functionTimeoutMs === undefined) return work;
    const finished = new AbortController();
    const timeout = clock.sleep(functionTimeoutMs, finished.signal).then(
      () => {
        const error = new FunctionTimeoutError(
          `Timeout value of ${functionTimeoutMs / 1000} s exceeded by function: Functions.${name}. Raise functionTimeout in host.json or do less in one run.`,
        );
        options.onTimeout(error);
        throw error;
      },
      () => work,
    );
    try {
      return await Promise.race([work, timeout]);
    } finally {
      finished.abort();
      timeout.catch(() => undefined);
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
      },
      metadata: registered.metadata,
      log: (level: LogLevel, category: LogCategory, message: string) => writeLog(level, category, message, scope),
    };
    const startedAtMs = clock.now();
    const tell = (succeeded: boolean, durationMs: number) =>
      options.onInvoked?.({ functionName: name, traceId, spanId, startedAtMs, durationMs, succeeded });
    writeLog('information', 'host', `Executing 'Functions.${name}'`, scope);
    try {
      const response = await withinTimeout(name, runInWorker(app, registered, context, scope));
      await options.sendOutputs(registered, response);
      const durationMs = clock.now() - startedAtMs;
      writeLog('information', 'host', `Executed 'Functions.${name}' (Succeeded, Duration=${durationMs}ms)`, scope);
      tell(true, durationMs);
      return { ...response, durationMs };
    } catch (error) {
      const durationMs = clock.now() - startedAtMs;
      writeLog(
        'error',
        'host',
        `Executed 'Functions.${name}' (Failed, Duration=${durationMs}ms) ${describeError(error)}`,
        scope,
      );
      tell(false, durationMs);
      throw error;
    }
  };
}
