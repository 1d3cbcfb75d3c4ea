import { app } from '@azure/functions';
import { appHost } from '../../shared/app.ts';
import { noTelemetry } from '../../shared/telemetry/telemetry.ts';

const { telemetry } = appHost();

if (telemetry !== noTelemetry) {
  // We send our own lines, so the host must not send them a second time.
  app.setup({ capabilities: { WorkerOpenTelemetryEnabled: true } });
  // What an invocation does belongs to the operation in which the host runs it.
  app.hook.preInvocation((context) => {
    const { functionHandler, invocationContext } = context;
    context.functionHandler = (...inputs) =>
      telemetry.withinRemote(invocationContext.traceContext?.traceParent, () => functionHandler(...inputs));
  });
}
