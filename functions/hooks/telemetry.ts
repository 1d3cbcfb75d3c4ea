import { app } from '@azure/functions';
import { appHost } from '../../shared/app.ts';
import { noTelemetry } from '../../shared/telemetry/telemetry.ts';

const { telemetry } = appHost();

if (telemetry !== noTelemetry) {
  // The app sends its log lines itself, so the host must not send them too.
  app.setup({ capabilities: { WorkerOpenTelemetryEnabled: true } });
  // Makes the spans of an invocation part of the operation of the host.
  app.hook.preInvocation((context) => {
    const { functionHandler, invocationContext } = context;
    context.functionHandler = (...inputs) =>
      telemetry.withinRemote(invocationContext.traceContext?.traceParent, () => functionHandler(...inputs));
  });
}
