import { type Clock, systemClock } from '../../shared/clock.ts';
import { adminApi } from './adminApi.ts';
import { coreApi, coreVersions, provideCoreApi } from './coreApi.ts';
import { eventGridWebhook } from './eventGridWebhook.ts';
import { type FunctionTimeoutError, HostConfigurationError } from './hostError.ts';
import { readHostJson } from './hostJson.ts';
import { hostKeys, keyCheck, noKeyCheck } from './hostKeys.ts';
import { describeError, type HostLogLine, writeLineToStandardError } from './hostLog.ts';
import { hostTelemetry } from './hostTelemetry.ts';
import type { HttpCall, HttpResponse } from './httpResponse.ts';
import { startHttpServer } from './httpServer.ts';
import { httpTriggers } from './httpTriggers.ts';
import { indexFunctions } from './indexFunctions.ts';
import { type InvocationOutcome, invoker } from './invoker.ts';
import { loadApp } from './loadApp.ts';
import { logWriter } from './logWriter.ts';
import { mcpWebhook } from './mcpWebhook.ts';
import { OpenRuns } from './openRuns.ts';
import { queueOutputs } from './queueOutputs.ts';
import { router } from './router.ts';
import { startTriggers } from './startTriggers.ts';
import { queueServices } from './storageConnection.ts';
import { within } from './within.ts';
import { type RegisteredFunction, WorkerApp } from './workerApp.ts';

/** Time that the host gives its worker to terminate (Azure/azure-functions-host, WorkerConstants). */
const terminationGraceMs = 5_000;
/** How long an orderly end waits for running invocations before the `appTerminate` hooks run (measured). */
const defaultDrainMs = 10_000;
/** Time from the timeout of a function until its worker is told to terminate (measured). */
const timeoutToRestartMs = 2_000;

/** What to run, and how. */
export interface HostOptions {
  /** Path of the app's entry: a bundle, or TypeScript source. */
  app: string;
  /** Default 0: any free port. */
  port?: number;
  /** Default 127.0.0.1. */
  address?: string;
  /** Put into the environment before the app loads. */
  settings?: Record<string, string>;
  clock?: Clock;
  /** Default: JSON lines on standard error. */
  log?: (line: HostLogLine) => void;
  /** Path of host.json; by default the one in the current folder, if there is one. */
  hostJson?: string;
  /** Called after a function has exceeded `functionTimeout` and the worker has shut down. In Azure a new worker then starts. */
  onFunctionTimeout?: (error: FunctionTimeoutError) => void;
  /** Secret from which the keys are derived (`hostKeys`). Default: requests need no key, as with Core Tools. */
  keySecret?: string;
  /** How long `close` waits for running invocations, before the `appTerminate` hooks run. Default 10000. */
  drainMs?: number;
}

/** A running host. */
export interface Host {
  url: string;
  /** Names of the functions that run. */
  functions: readonly string[];
  /**
   * Runs a function once, as `/admin/functions/{name}` does, and waits for it. `input` is an event as JSON or the text
   * of a queue message; timers ignore it. Rejects with the function's error, or with `HostConfigurationError` if there
   * is no such function or it has an HTTP trigger.
   */
  invoke(name: string, input?: string): Promise<InvocationOutcome>;
  /**
   * Stops the triggers, waits up to `drainMs` for running invocations, then runs the `appTerminate` hooks, for 5 s at most.
   * The caller should then exit, even if functions still run, as the worker does (azure-functions-nodejs-worker,
   * terminateWorker.ts: the hooks, then `process.exit(0)`).
   */
  close(): Promise<void>;
}

/**
 * Starts the stand-in for the Functions host in this process; a process can have only one. Resolves when every trigger
 * listens. If the app throws while it loads, the host still starts: functions return 503, and the log and
 * `/admin/host/status` show the error. Rejects with `HostConfigurationError` for an invalid host.json, or with the
 * error of the server if it cannot listen.
 */
export async function startHost(options: HostOptions): Promise<Host> {
  const { clock = systemClock, log = writeLineToStandardError } = options;
  Object.assign(process.env, options.settings);
  const settings = await readHostJson(options.hostJson);
  const app = new WorkerApp();
  const telemetry = hostTelemetry(settings, process.env, app);
  const writeLog = logWriter(app, clock, (line, scope) => {
    log(line);
    telemetry?.recordLine(line, scope);
  });
  provideCoreApi(coreApi(app, writeLog));
  const loadErrors = await loadApp(app, options.app).then(
    () => [],
    (error: unknown) => [`Worker was unable to load entry point "${options.app}": ${describeError(error)}`],
  );
  const isRunning = loadErrors.length === 0;
  const index = indexFunctions(isRunning ? app.functions.values() : [], settings, process.env);

  const findService = queueServices(process.env);
  const invoke = invoker({
    app,
    writeLog,
    clock,
    functionTimeoutMs: settings.functionTimeoutMs,
    onTimeout: (error) => {
      writeLog('critical', 'host', error.message);
      void endAfterTimeout(error);
    },
    ...(telemetry ? { onInvoked: (invocation) => telemetry.recordRequest(invocation) } : {}),
    sendOutputs: queueOutputs(settings.queues, process.env, findService),
  });
  // Listens before the triggers start, so that a host whose port is taken receives no messages.
  const handler = Promise.withResolvers<(call: HttpCall) => Promise<HttpResponse>>();
  const { port = 0, address = '127.0.0.1' } = options;
  const onError = (error: unknown) => writeLog('error', 'host', `A response was not sent: ${describeError(error)}`);
  const server = await startHttpServer({ port, address, onError }, async (call) => (await handler.promise)(call));
  const triggers = startTriggers({ index, settings, environment: process.env, clock, invoke, findService, writeLog });
  const errors = [...loadErrors, ...index.errors, ...triggers.errors];
  for (const error of errors) writeLog('error', 'host', error);

  /** Rejects with `HostConfigurationError` for a function with an HTTP trigger. */
  async function runManually(registered: RegisteredFunction, input: string): Promise<InvocationOutcome> {
    const triggerInput = triggers.manualInput(registered, input);
    if (triggerInput) return manualRuns.add(invoke(registered, triggerInput));
    throw new HostConfigurationError('An HTTP function is run by a request to its route, an MCP tool by its endpoint.');
  }

  /** Never rejects: a failure is only logged, since the response has been sent before the run. */
  async function runFromAdmin(registered: RegisteredFunction, input: string): Promise<void> {
    try {
      await runManually(registered, input);
    } catch (error) {
      const { name } = registered.metadata;
      writeLog('error', 'host', `A manual run of 'Functions.${name}' failed: ${describeError(error)}`);
    }
  }

  const manualRuns = new OpenRuns();
  const status = () => ({
    id: 'local',
    state: isRunning ? ('Running' as const) : ('Error' as const),
    version: coreVersions.hostVersion,
    errors,
  });

  const check = options.keySecret === undefined ? noKeyCheck : keyCheck(hostKeys(options.keySecret));
  handler.resolve(
    router({
      isRunning,
      admin: adminApi(index, status, runFromAdmin),
      eventGridWebhook: eventGridWebhook(index.eventGrid, invoke),
      mcpWebhook: index.mcpTools.length > 0 ? mcpWebhook(index.mcpTools, settings.mcp, invoke, writeLog) : undefined,
      httpTriggers: httpTriggers(index.http, invoke, check),
      keyCheck: check,
      isHomepageDisabled: process.env.AzureWebJobsDisableHomepage === 'true',
      writeLog,
    }),
  );
  await triggers.started;

  /** `waitsForRuns`: running invocations may use the whole time of the hooks too. */
  async function shutDown(drainMs: number, waitsForRuns: boolean): Promise<void> {
    const drained = Promise.all([server.stopListening(), triggers.stop(), manualRuns.ended()]);
    await within(clock, drainMs, drained);
    const hooks = app.runHooks('appTerminate', app.hookContext({})).catch((error: unknown) => {
      writeLog('error', 'host', `An appTerminate hook failed: ${describeError(error)}`);
    });
    // Invocations that still run now are aborted.
    await within(clock, terminationGraceMs, waitsForRuns ? Promise.all([hooks, drained]) : hooks);
    await telemetry?.flush();
    server.close();
  }

  /**
   * The function that timed out gets no signal. 2 s later the worker is told to terminate; its hooks and the other running
   * invocations then have 5 s (measured).
   */
  async function endAfterTimeout(error: FunctionTimeoutError): Promise<void> {
    await clock.sleep(timeoutToRestartMs);
    closed ??= shutDown(0, true);
    await closed;
    options.onFunctionTimeout?.(error);
  }

  let closed: Promise<void> | undefined;
  return {
    url: server.url,
    functions: index.all.map(({ metadata }) => metadata.name),
    invoke: async (name, input = '') => {
      const registered = index.all.find(({ metadata }) => metadata.name === name);
      if (!registered) throw new HostConfigurationError(`There is no function "${name}".`);
      return runManually(registered, input);
    },
    close: () => {
      closed ??= shutDown(options.drainMs ?? defaultDrainMs, false);
      return closed;
    },
  };
}
