import type { Clock } from '../../shared/clock.ts';
import type { LogLevel } from './coreTypes.ts';
import type { HostLogLine, LogScope, WriteLog } from './hostLog.ts';
import type { WorkerApp } from './workerApp.ts';

/**
 * Makes the function that writes all log lines to `sink`. Lines of the app and of the library first pass the app's
 * `log` hooks, which may change level and message, as in the worker. A line that a hook writes does not pass the hooks
 * again.
 */
export function logWriter(
  app: WorkerApp,
  clock: Clock,
  sink: (line: HostLogLine, scope: LogScope | undefined) => void,
): WriteLog {
  let inHook = false;

  function applyHooks(line: HostLogLine, invocationContext: unknown): HostLogLine {
    const context = Object.assign(app.hookContext({}), {
      level: line.level,
      message: line.message,
      category: line.category,
      invocationContext,
    }) as Record<string, unknown> & { level: LogLevel; message: string };
    inHook = true;
    try {
      for (const hook of app.hooksOf('log')) hook(context);
    } finally {
      inHook = false;
    }
    return { ...line, level: context.level, message: context.message };
  }

  return (level, category, message, scope) => {
    const { invocationContext, traceId: _trace, spanId: _span, ...ids } = scope ?? {};
    const line: HostLogLine = { time: new Date(clock.now()).toISOString(), level, category, message, ...ids };
    sink(category === 'host' || inHook ? line : applyHooks(line, invocationContext), scope);
  };
}
