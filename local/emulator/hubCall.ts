import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from './hubAnswers.ts';
import type { Caller, Right } from './sasAuthorization.ts';
import type { IdentityStore } from './state/identityStore.ts';
import type { ThrottleClass } from './throttle.ts';

/** One request after authorization, with its body read as JSON. */
export interface HubCall {
  store: IdentityStore;
  caller: Caller;
  /** Decoded path segments by name; empty where the route has none. */
  deviceId: string;
  moduleId: string;
  search: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: unknown;
  page: { defaultRows: number; maxRows: number };
}

/** One thing that the hub can do. `run` throws a HubRefusal for what it will not do. */
export interface Operation {
  /** As counters and fault rules name it. */
  name: string;
  throttle: ThrottleClass;
  right: Right;
  hasBody: boolean;
  /** How many operations it counts for; default 1. */
  cost?(body: unknown): number;
  run(call: HubCall): Answer;
}
