import Module from 'node:module';
import type { FunctionCallback, FunctionMetadata, HookCallback, LogCategory, LogLevel } from './coreTypes.ts';
import { HostConfigurationError } from './hostError.ts';
import type { WriteLog } from './hostLog.ts';
import type { WorkerApp } from './workerApp.ts';

const coreModule = '@azure/functions-core';
const provided = Symbol.for('module-keeper.functions-core');

/**
 * The versions that the app reads. The `log` hook exists from host 4.34 on (Azure/azure-functions-nodejs-library,
 * hooks/registerHook.ts), so the version must be later.
 */
export const coreVersions = { version: '3.12.0', hostVersion: '4.1036.0' } as const;

/** The worker's `Disposable`: runs its callback once. */
class Disposable {
  static from(...disposables: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables.splice(0)) disposable.dispose();
    });
  }

  private callOnDispose: (() => unknown) | undefined;

  constructor(callOnDispose: () => unknown) {
    this.callOnDispose = callOnDispose;
  }

  dispose(): void {
    const call = this.callOnDispose;
    this.callOnDispose = undefined;
    call?.();
  }
}

/** Makes the module `@azure/functions-core` for one app. */
export function coreApi(app: WorkerApp, writeLog: WriteLog): Record<string, unknown> {
  return {
    ...coreVersions,
    Disposable,
    setProgrammingModel: (model: WorkerApp['programmingModel']) => {
      app.programmingModel = model;
    },
    getProgrammingModel: () => app.programmingModel,
    registerFunction: (metadata: FunctionMetadata, callback: FunctionCallback) =>
      new Disposable(app.registerFunction(metadata, callback)),
    registerHook: (name: string, callback: HookCallback) => new Disposable(app.registerHook(name, callback)),
    log: (level: LogLevel, category: LogCategory, message: string) => writeLog(level, category, message),
  };
}

/**
 * Makes `require('@azure/functions-core')` return `api` in this process from now on, in bundles and in packages, as the
 * worker does (Azure/azure-functions-nodejs-worker, setupCoreModule.ts). Throws `HostConfigurationError` on a second
 * call, since `@azure/functions` keeps the first module forever.
 */
export function provideCoreApi(api: Record<string, unknown>): void {
  const prototype = Module.prototype as { require: ((id: string) => unknown) & { [provided]?: true } };
  const original = prototype.require;
  if (original[provided]) {
    throw new HostConfigurationError(
      'This process already runs a Functions host; start the other one in its own process.',
    );
  }
  const replacement = function (this: unknown, id: string): unknown {
    return id === coreModule ? api : original.call(this, id);
  };
  prototype.require = Object.assign(replacement, { [provided]: true as const });
}
