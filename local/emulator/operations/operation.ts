import type { IncomingHttpHeaders } from 'node:http';
import type { Caller, Permission } from '../auth/caller.ts';
import type { ThrottleClass } from '../limits/throttle.ts';
import type { IdentityStore } from '../state/identityStore.ts';
import type { HubResponse } from '../wire/hubResponse.ts';
import type { RegistryJobService } from './registryJob.ts';

/** One request after authorization, with its body read as JSON. */
export interface HubCall {
  store: IdentityStore;
  jobs: RegistryJobService;
  caller: Caller;
  /** Decoded path segments by name; empty where the route has none. */
  deviceId: string;
  moduleId: string;
  jobId: string;
  search: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: unknown;
  page: { defaultRows: number; maxRows: number };
}

/** One thing that the hub can do. `run` throws a HubRefusal for what it will not do. */
export interface Operation extends Permission {
  /** As counters and fault rules name it. */
  name: string;
  throttle: ThrottleClass;
  hasBody: boolean;
  /** How many operations it counts for; default 1. */
  cost?(body: unknown): number;
  /** Whether its result counts against the daily message quota; default false. */
  charged?: boolean;
  run(call: HubCall): HubResponse | Promise<HubResponse>;
}
