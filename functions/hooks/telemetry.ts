import { app } from '@azure/functions';
import { appHost } from '../../shared/app.ts';
import { contextLog } from '../../shared/telemetry/log.ts';
import { noTelemetry } from '../../shared/telemetry/telemetry.ts';

const { telemetry } = appHost();

if (telemetry !== noTelemetry) {
  // The app sends its log lines itself, so the host must not send them too.
  app.setup({ capabilities: { WorkerOpenTelemetryEnabled: true } });
  // Makes the spans of an invocation children of the host's span for it.
  app.hook.preInvocation((context) => {
    const { functionHandler, invocationContext } = context;
    const { functionName, invocationId, traceContext } = invocationContext;
    const log = contextLog(invocationContext, telemetry);
    const handler: typeof functionHandler = (...inputs) => {
      // Warnings wait for an invocation, because the host keeps the level only of lines that an invocation logs.
      for (const { message, fields } of appHost().takeTelemetryWarnings()) log.warn(message, fields);
      return functionHandler(...inputs);
    };
    context.functionHandler = (...inputs) =>
      telemetry.withinRemote(traceContext?.traceParent, () => handler(...inputs), { functionName, invocationId });
  });
}
