import { app } from '@azure/functions';
import { appHost } from '../../shared/app.ts';
import { contextLog } from '../../shared/telemetry/log.ts';
import { noTelemetry } from '../../shared/telemetry/telemetry.ts';

const { telemetry } = appHost();

if (telemetry !== noTelemetry) {
  // The app sends its log lines itself, so the host must not send them too.
  app.setup({ capabilities: { WorkerOpenTelemetryEnabled: true } });
  // Makes the spans of an invocation part of the operation of the host.
  app.hook.preInvocation((context) => {
    const { functionHandler, invocationContext } = context;
    const { functionName, invocationId, traceContext } = invocationContext;
    const log = contextLog(invocationContext, telemetry);
    const handler: typeof functionHandler = (...inputs) => {
      // Only the lines of an invocation have a level in the log of the host.
      for (const { message, fields } of appHost().takeTelemetryWarnings()) log.warn(message, fields);
      return functionHandler(...inputs);
    };
    context.functionHandler = (...inputs) =>
      telemetry.withinRemote(traceContext?.traceParent, () => handler(...inputs), { functionName, invocationId });
  });
}
