import { type Clock, systemClock } from '../../shared/clock.ts';
import { adminApi } from './adminApi.ts';
import { coreApi, coreVersions, provideCoreApi } from './coreApi.ts';
import { eventGridWebhook } from './eventGridWebhook.ts';
import { type FunctionTimeoutError, HostConfigurationError } from './hostError.ts';
import { readHostJson } from './hostJson.ts';
import { describeError, type HostLogLine, writeLineToStandardError } from './hostLog.ts';
import { hostTelemetry } from './hostTelemetry.ts';
import type { HttpCall, HttpResponse } from './httpResponse.ts';
import { startHttpServer } from './httpServer.ts';
import { httpTriggers } from './httpTriggers.ts';
import { indexFunctions } from './indexFunctions.ts';
import { type InvocationOutcome, invoker } from './invoker.ts';
import { loadApp } from './loadApp.ts';
import { logWriter } from './logWriter.ts';
import { queueOutputs } from './queueOutputs.ts';
import { router } from './router.ts';
import { startTriggers } from './startTriggers.ts';
import { queueServices } from './storageConnection.ts';
import { type RegisteredFunction, WorkerApp } from './workerApp.ts';

/** The host gives its worker this long after it announces the end (Azure/azure-functions-host, WorkerConstants). */
const terminationGraceMs = 5_000;

export interface HostOptions {
  /** Path of the app's entry: a CommonJS bundle, or TypeScript source. */
  app: string;
  /** 0 (the default) takes any free one. */
  port?: number;
  /** Loopback unless said otherwise. */
  address?: string;
  /** Put into the environment before the app loads. */
  settings?: Record<string, string>;
  clock?: Clock;
  /** JSON lines on standard error unless said otherwise. */
  log?: (line: HostLogLine) => void;
  /** Path of host.json; by default the one in the current folder, if there is one. */
  hostJson?: string;
  /** Called when a function ran longer than `functionTimeout`; in Azure its whole process restarts then. */
  onFunctionTimeout?: (error: FunctionTimeoutError) => void;
}

export interface Host {
  url: string;
  /** Names of the functions that run. */
  functions: readonly string[];
  /**
   * Runs a function once, as `/admin/functions/{name}` does, but waits for it. `input`: the event as JSON, or the queue
   * message's text; ignored by timers. Rejects with the function's error, or when the name or trigger does not fit.
   */
  invoke(name: string, input?: string): Promise<InvocationOutcome>;
  /**
   * Stops triggers and runs the `appTerminate` hooks, for 5 s at most. The process is to end then, as the worker's does
   * (azure-functions-nodejs-worker, terminateWorker.ts: the hooks, then `process.exit(0)`), whatever still runs.
   */
  close(): Promise<void>;
}

/**
 * Starts the stand-in for the Functions host in this process, which it needs for itself: one host a process. Resolves
 * when every trigger listens. An app that throws while it loads does not stop the host: functions answer 503, and the
 * log and `/admin/host/status` say why. @throws HostConfigurationError for a bad host.json; the listen error.
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
      options.onFunctionTimeout?.(error);
    },
    ...(telemetry ? { onInvoked: (invocation) => telemetry.recordRequest(invocation) } : {}),
    sendOutputs: queueOutputs(settings.queues, process.env, findService),
  });
  // Listens before anything is triggered: a host whose port is taken must not take messages either.
  const handler = Promise.withResolvers<(call: HttpCall) => Promise<HttpResponse>>();
  const { port = 0, address = '127.0.0.1' } = options;
  const server = await startHttpServer({ port, address }, async (call) => (await handler.promise)(call));
  const triggers = startTriggers({ index, settings, environment: process.env, clock, invoke, findService, writeLog });
  const errors = [...loadErrors, ...index.errors, ...triggers.errors];
  for (const error of errors) writeLog('error', 'host', error);

  /** @throws HostConfigurationError when the trigger cannot be run by hand. */
  function runByHand(registered: RegisteredFunction, input: string): Promise<InvocationOutcome> {
    const triggerInput = triggers.inputByHand(registered, input);
    if (triggerInput) return invoke(registered, triggerInput);
    throw new HostConfigurationError('An HTTP function is run by a request to its route.');
  }

  const status = () => ({
    id: 'local',
    state: isRunning ? ('Running' as const) : ('Error' as const),
    version: coreVersions.hostVersion,
    errors,
  });

  handler.resolve(
    router({
      isRunning,
      admin: adminApi(index, status, runByHand),
      eventGridWebhook: eventGridWebhook(index.eventGrid, invoke),
      httpTriggers: httpTriggers(index.http, invoke),
      isHomepageDisabled: process.env.AzureWebJobsDisableHomepage === 'true',
      writeLog,
    }),
  );
  await triggers.started;

  async function shutDown(): Promise<void> {
    // Neither is waited for: what still runs when the hooks have ended is cut off.
    void server.stopListening();
    void triggers.stop();
    const hooks = app.runHooks('appTerminate', app.hookContext({})).catch((error: unknown) => {
      writeLog('error', 'host', `An appTerminate hook failed: ${describeError(error)}`);
    });
    const grace = new AbortController();
    await Promise.race([hooks, clock.sleep(terminationGraceMs, grace.signal).catch(() => undefined)]);
    grace.abort();
    await telemetry?.sent();
    server.close();
  }

  let closed: Promise<void> | undefined;
  return {
    url: server.url,
    functions: index.all.map(({ metadata }) => metadata.name),
    invoke: async (name, input = '') => {
      const registered = index.all.find(({ metadata }) => metadata.name === name);
      if (!registered) throw new HostConfigurationError(`There is no function "${name}".`);
      return runByHand(registered, input);
    },
    close: () => {
      closed ??= shutDown();
      return closed;
    },
  };
}
