import type { HubConfig } from '../config/config.ts';
import type { Attributes } from '../telemetry/records.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { aroundEachCall, type HubCall } from './aroundEachCall.ts';
import { type HubError, isHubError } from './hubError.ts';
import type { Registry } from './registry.ts';

/** Wraps a registry: every call that is sent to the hub gets a span and counts in `keeper.hub_calls`. */
export function observedRegistry(
  registry: Registry,
  hub: Pick<HubConfig, 'name' | 'hostName'>,
  telemetry: Telemetry,
): Registry {
  return aroundEachCall(registry, async (call, work) => {
    const { operation, operationClass } = call;
    const span = telemetry.startSpan(operation, { kind: 'call', attributes: attributesOf(call, hub) });
    let status = '200';
    try {
      return await telemetry.within(span, work);
    } catch (error) {
      status = isHubError(error) ? String(error.status ?? 'none') : 'none';
      span.fail();
      span.set(isHubError(error) ? failureOf(error) : {});
      throw error;
    } finally {
      if (status !== 'none') span.set({ 'http.response.status_code': Number(status) });
      span.end();
      telemetry.count('keeper.hub_calls', 1, { hub: hub.name, operationClass, operation, status });
    }
  });
}

/** The names with dots are OpenTelemetry's; Azure Monitor derives the type and the target of a dependency from them. */
function attributesOf(call: HubCall, hub: Pick<HubConfig, 'name' | 'hostName'>): Attributes {
  const { method, operationClass, cost, deviceId } = call;
  return {
    hub: hub.name,
    operationClass,
    cost,
    ...(deviceId === undefined ? {} : { deviceId }),
    'http.request.method': method,
    'server.address': hub.hostName,
  };
}

function failureOf({ kind, code, trackingId }: HubError): Attributes {
  return { kind, ...(code === undefined ? {} : { code }), ...(trackingId === undefined ? {} : { trackingId }) };
}
