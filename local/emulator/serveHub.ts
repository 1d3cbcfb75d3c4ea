import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../shared/clock.ts';
import type { Counters } from './counters.ts';
import type { EmulatorSettings } from './emulatorOptions.ts';
import { type Fault, type Faults, faultRefusal } from './faults.ts';
import type { Answer } from './hubAnswers.ts';
import type { HubCall, Operation } from './hubCall.ts';
import { argumentInvalid, routeNotFound } from './hubRefusals.ts';
import { readJsonBody } from './requestBody.ts';
import { findRoute, type Target } from './routes.ts';
import { authorize, requireRight, type SasRules } from './sasAuthorization.ts';
import type { IdentityStore } from './state/identityStore.ts';
import type { Throttle } from './throttle.ts';

const apiVersions: readonly string[] = ['2018-06-30', '2020-03-13', '2021-04-12', '2024-03-31'];

export interface Hub {
  settings: EmulatorSettings;
  clock: Clock;
  store: IdentityStore;
  /** Undefined when throttling is off. */
  throttle: Throttle | undefined;
  sas: SasRules;
  counters: Counters;
  faults: Faults;
}

/** What became of a request; `operation` is for the counters. */
export interface Served {
  operation: string;
  /** Throws a HubRefusal in place of an answer. */
  answer(): Promise<Answer>;
  /** Something that is to go wrong on the way out. */
  fault: Fault | undefined;
}

/**
 * Serves one request of the service API, in the order: signature, api-version, body, throttle, the operation itself.
 * Rejects with a HubRefusal. `closed` is aborted when the client goes away, which ends any waiting.
 */
export function serveHub(hub: Hub, request: IncomingMessage, target: Target, closed: AbortSignal): Served {
  const route = findRoute(request.method ?? '', target.segments);
  if (!route) return { operation: 'unknown', fault: undefined, answer: async () => Promise.reject(routeNotFound()) };
  const { operation } = route;
  const fault = hub.faults.strike(operation.name);
  const answer = async (): Promise<Answer> => {
    const caller = authorize(request.headers.authorization, target.path, hub.sas, hub.clock.now());
    requireRight(caller, operation.right);
    requireApiVersion(target.search.get('api-version'));
    const body = operation.hasBody ? await readJsonBody(request, hub.settings.maxBodyBytes) : undefined;
    if (fault && !fault.afterwards && fault.kind === 'status') throw faultRefusal(fault.status);
    await passThrottle(hub, operation, body, closed);
    const { defaultPageRows: defaultRows, maxPageRows: maxRows } = hub.settings;
    const call: HubCall = {
      store: hub.store,
      caller,
      deviceId: route.deviceId,
      moduleId: route.moduleId,
      search: target.search,
      headers: request.headers,
      body,
      page: { defaultRows, maxRows },
    };
    const result = operation.run(call);
    if (fault?.afterwards && fault.kind === 'status') throw faultRefusal(fault.status);
    return result;
  };
  return { operation: operation.name, answer, fault };
}

function requireApiVersion(version: string | null): void {
  if (version === null || !apiVersions.includes(version)) {
    throw argumentInvalid(`api-version must be one of ${apiVersions.join(', ')}`);
  }
}

async function passThrottle(hub: Hub, operation: Operation, body: unknown, closed: AbortSignal): Promise<void> {
  const cost = operation.cost?.(body) ?? 1;
  if (operation.throttle === 'registry') hub.counters.countRegistryOperations(cost);
  if (!hub.throttle) return;
  const { delayMs, refusedWith } = hub.throttle.admit(operation.throttle, cost, hub.clock.now());
  if (delayMs > 0) await hub.clock.sleep(delayMs, closed);
  if (refusedWith) throw hub.throttle.refusal(refusedWith, operation.throttle);
}
