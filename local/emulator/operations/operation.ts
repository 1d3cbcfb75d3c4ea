import type { IncomingHttpHeaders } from 'node:http';
import type { Caller, Permission } from '../auth/caller.ts';
import type { ThrottleClass } from '../limits/throttle.ts';
import type { IdentityStore } from '../state/identityStore.ts';
import type { HubResponse } from '../wire/hubResponse.ts';
import type { RegistryJobService } from './registryJob.ts';

/** One authorized request, with its body parsed as JSON. */
export interface HubCall {
  store: IdentityStore;
  jobs: RegistryJobService;
  caller: Caller;
  /** Decoded ids of the path; empty if the route has none. */
  deviceId: string;
  moduleId: string;
  jobId: string;
  search: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: unknown;
  /** Sizes of query pages. `sizeIsFixed`: a continuation token is valid only with the size of the page before. */
  page: { defaultRows: number; maxRows: number; sizeIsFixed: boolean };
}

/** One operation of the service API. `run` throws a `HubRefusal` if the hub refuses the call. */
export interface Operation extends Permission {
  /** Its name in counters and fault rules. */
  name: string;
  throttle: ThrottleClass;
  hasBody: boolean;
  /** How many operations it counts as in the throttle; default 1. */
  cost?(body: unknown): number;
  /** Whether its result is charged to the daily message quota; default false. */
  charged?: boolean;
  run(call: HubCall): HubResponse | Promise<HubResponse>;
}
