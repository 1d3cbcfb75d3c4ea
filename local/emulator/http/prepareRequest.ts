import type { IncomingMessage } from 'node:http';
import type { Clock } from '../../../shared/clock.ts';
import { type Caller, requirePermission } from '../auth/caller.ts';
import { authorizeBearer, isBearer } from '../auth/entraAuthorization.ts';
import type { IdentityEndpoint } from '../auth/identityEndpoint.ts';
import { authorizeSas, type SasRules } from '../auth/sasAuthorization.ts';
import type { EmulatorSettings } from '../emulatorOptions.ts';
import type { RegistryJobs } from '../jobs/registryJobs.ts';
import type { DailyMessageQuota } from '../limits/dailyMessageQuota.ts';
import type { Throttle } from '../limits/throttle.ts';
import type { Operation } from '../operations/operation.ts';
import type { EmulatorClock } from '../state/emulatorClock.ts';
import type { IdentityStore } from '../state/identityStore.ts';
import type { HubResponse } from '../wire/hubResponse.ts';
import { routeNotFound } from '../wire/refusals.ts';
import { requireApiVersion } from './apiVersions.ts';
import type { Counters } from './counters.ts';
import { type Fault, type Faults, faultRefusal } from './faults.ts';
import { missingRouteHint } from './missingRouteHint.ts';
import { readJsonBody } from './requestBody.ts';
import type { RequestTarget } from './requestTarget.ts';
import { findRoute, type Route } from './routes.ts';

/** The parts of one emulated hub that serve its requests. */
export interface Hub {
  settings: EmulatorSettings;
  /** The emulator's own time; may run faster than real time. */
  clock: EmulatorClock;
  /** Real time: clients sign and check tokens by it. */
  tokenClock: Clock;
  store: IdentityStore;
  jobs: RegistryJobs;
  /** Undefined when throttling is off. */
  throttle: Throttle | undefined;
  quota: DailyMessageQuota;
  sas: SasRules;
  entra: IdentityEndpoint;
  counters: Counters;
  faults: Faults;
}

/** A request that is ready to run, after its delay. */
export interface PreparedRequest {
  /** The operation's name in the counters. */
  operation: string;
  /** How long to wait on the emulator's clock before anything else. */
  delayMs: number;
  /** The fault to inject into the response. */
  fault: Fault | undefined;
  /** Runs the operation. Rejects with a `HubRefusal` if the hub refuses. */
  respond(): Promise<HubResponse>;
}

/**
 * Prepares one request of the service API. Its checks run in this order: token, permission, api-version, body, message
 * quota, throttle, the operation itself. `disconnected` is aborted when the client disconnects; it ends all waiting.
 */
export function prepareRequest(
  hub: Hub,
  request: IncomingMessage,
  target: RequestTarget,
  disconnected: AbortSignal,
): PreparedRequest {
  const method = methodOf(request);
  const route = findRoute(method, target.segments);
  if (!route) {
    const respond = () => Promise.reject(routeNotFound(missingRouteHint(method, target.segments)));
    return { operation: 'unknown', delayMs: 0, fault: undefined, respond };
  }
  const { operation } = route;
  const { fault, delayMs } = hub.faults.planFor(operation.name);
  const respond = async (): Promise<HubResponse> => {
    const caller = await authorize(hub, request.headers.authorization, target.path);
    requirePermission(caller, operation, method, target.path);
    requireApiVersion(target.search.get('api-version'));
    const body = operation.hasBody ? await readJsonBody(request, hub.settings.maxBodyBytes) : undefined;
    if (fault && !fault.afterwards && fault.kind === 'status') throw faultRefusal(fault.status);
    requireMessages(hub, operation);
    await passThrottle(hub, operation, body, disconnected);
    const result = await run(hub, route, caller, request, target, body);
    if (operation.charged) charge(hub, result);
    if (fault?.afterwards && fault.kind === 'status') throw faultRefusal(fault.status);
    return result;
  };
  return { operation: operation.name, delayMs, fault, respond };
}

/** The Java SDK cannot send PATCH: it sends POST with this header (HttpRequest.java of azure-iot-service-sdk-java). */
function methodOf({ method = '', headers }: IncomingMessage): string {
  const override = String(headers['x-http-method-override'] ?? '').toUpperCase();
  return method === 'POST' && override === 'PATCH' ? 'PATCH' : method;
}

async function authorize(hub: Hub, header: string | undefined, path: string): Promise<Caller> {
  const nowMs = hub.tokenClock.now();
  if (header !== undefined && isBearer(header)) return authorizeBearer(header, hub.entra, nowMs);
  return authorizeSas(header, path, hub.sas, nowMs);
}

function requireMessages(hub: Hub, operation: Operation): void {
  const isBlocked = operation.charged || hub.settings.messageQuotaBlocks === 'wholeHub';
  if (isBlocked) hub.quota.requireLeft(hub.clock.now());
}

async function passThrottle(hub: Hub, operation: Operation, body: unknown, disconnected: AbortSignal): Promise<void> {
  const cost = operation.cost?.(body) ?? 1;
  hub.counters.countOperations(operation.throttle, cost);
  if (!hub.throttle) return;
  const { delayMs, refusedWith } = hub.throttle.admit(operation.throttle, cost, hub.clock.now());
  if (delayMs > 0) await hub.clock.sleep(delayMs, disconnected);
  if (refusedWith) throw hub.throttle.refusal(refusedWith, operation.throttle);
}

async function run(
  hub: Hub,
  { operation, deviceId, moduleId, jobId }: Route,
  caller: Caller,
  { headers }: IncomingMessage,
  { search }: RequestTarget,
  body: unknown,
): Promise<HubResponse> {
  const { store, jobs } = hub;
  const { defaultPageRows, maxPageRows, fixedPageSize } = hub.settings;
  const page = { defaultRows: defaultPageRows, maxRows: maxPageRows, sizeIsFixed: fixedPageSize };
  return operation.run({ store, jobs, caller, deviceId, moduleId, jobId, search, headers, body, page });
}

/** Charges results only, not refusals (unproven). */
function charge(hub: Hub, response: HubResponse): void {
  response.text = JSON.stringify(response.body);
  hub.quota.charge(Buffer.byteLength(response.text), hub.clock.now());
}
