import type { Clock } from '../../shared/clock.ts';
import { HubAgent } from '../../shared/hub/hubAgent.ts';
import { readErrorBody } from '../../shared/hub/readErrorBody.ts';
import { transportFailure } from '../../shared/transportFailure.ts';
import type { CallBudget } from './callBudget.ts';
import { exchange, type HubReply, type HubRequest } from './httpExchange.ts';
import { authorization, type HubAccess } from './hubAccess.ts';
import { type OwnIdentities, requireOwn } from './ownIdentities.ts';
import { Interrupted, Unsettled } from './unsettled.ts';

/** The version that `azure-iothub` 1.16.6, and so the keeper, sends. */
export const apiVersion = '2021-04-12';

/** The wait that the text of a 429 asks for. */
const throttledWaitMs = 10_000;
const noAnswerWaitMs = 2_000;
const maxTries = 3;
/** A hub may delay a throttled request for up to 40 s before its 429 (seen in one log). */
const idleTimeoutMs = 60_000;

export interface HubCallsOptions {
  access: HubAccess;
  own: OwnIdentities;
  budget: CallBudget;
  clock: Clock;
  /** Once it is aborted, only calls for the removal are sent. */
  signal: AbortSignal;
  /** PEM of a further authority to trust: the emulator's. */
  ca?: string;
  /** Called for every call that got a response. */
  onExchange(request: HubRequest, reply: HubReply): void;
}

/** Calls to one hub, each counted before it is sent. `purpose` is `removal` for calls that remove what the run made. */
export class HubCalls {
  private readonly options: HubCallsOptions;
  private readonly agent: HubAgent;
  private readonly seenThrottles: HubReply[] = [];

  constructor(options: HubCallsOptions) {
    this.options = options;
    this.agent = new HubAgent(options.access.hostName, idleTimeoutMs);
    if (options.ca !== undefined) this.agent.options.ca = options.ca;
  }

  /** The 429s of this run. */
  get throttles(): readonly HubReply[] {
    return this.seenThrottles;
  }

  /**
   * Sends a request and returns the answer, which may be a refusal. After a 429 it waits and tries again. If the hub does not answer
   * (5xx, failover, daily quota, no connection), it repeats reads and the removal, but no other write, since the hub may have done it.
   * Throws `Unsettled` if there is no answer in the end, and `Interrupted` after Ctrl+C.
   */
  async send(request: Omit<HubRequest, 'headers'> & { headers?: Record<string, string> }, purpose: Purpose = 'check') {
    const { clock, signal } = this.options;
    const whole = completed(request);
    requireOwn(whole, this.options.own);
    const repeatable = purpose === 'removal' || request.method === 'GET' || request.path === '/devices/query';
    for (let tries = 1; ; tries += 1) {
      const outcome = await this.sendOnce(whole, purpose);
      if ('reply' in outcome) return outcome.reply;
      const { noAnswer, waitMs } = outcome;
      if (tries === maxTries || !(outcome.wasThrottled || repeatable)) throw new Unsettled(noAnswer, outcome.code);
      await (purpose === 'removal' ? clock.sleep(waitMs) : sleepUnlessInterrupted(clock, waitMs, signal));
    }
  }

  /** Waits. Throws `Interrupted` after Ctrl+C. */
  pause(delayMs: number): Promise<void> {
    return sleepUnlessInterrupted(this.options.clock, delayMs, this.options.signal);
  }

  close(): void {
    this.agent.destroy();
  }

  private async sendOnce(request: HubRequest, purpose: Purpose): Promise<Outcome> {
    const { access, budget, clock, signal, onExchange } = this.options;
    if (purpose === 'check' && signal.aborted) throw new Interrupted();
    const token = await authorization(access, clock.now()).catch((error: unknown) => {
      throw new NoToken(error);
    });
    budget.take(purpose);
    let reply: HubReply;
    try {
      reply = await exchange(request, token, this.agent);
    } catch (error) {
      const code = transportFailure(error)?.code ?? 'no code';
      return { noAnswer: `no answer from the hub (${code})`, code, waitMs: noAnswerWaitMs, wasThrottled: false };
    }
    onExchange(request, reply);
    if (reply.status === 429) {
      this.seenThrottles.push(reply);
      return { noAnswer: 'the hub refused with 429', waitMs: throttledWaitMs, wasThrottled: true };
    }
    const why = noAnswerReason(reply);
    return why === undefined ? { reply } : { noAnswer: why, waitMs: noAnswerWaitMs, wasThrottled: false };
  }
}

export type Purpose = 'check' | 'removal';

type Outcome = { reply: HubReply } | { noAnswer: string; code?: string; waitMs: number; wasThrottled: boolean };

/** The credential returned no token. The error text omits the credential's own message, which may quote the identity service. */
class NoToken extends Unsettled {
  constructor(error: unknown) {
    super(`no token of Microsoft Entra ID (${error instanceof Error ? error.name : 'unknown error'})`, 'NoToken');
    this.name = 'NoToken';
  }
}

function completed(request: Omit<HubRequest, 'headers'> & { headers?: Record<string, string> }): HubRequest {
  const json = request.body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' };
  return {
    ...request,
    path: `${request.path}?api-version=${apiVersion}`,
    headers: { ...json, ...request.headers },
  };
}

/** Name or number of the error, without the hub's own words; undefined if the response has none. */
export function errorNameOf({ headers, body }: HubReply): string | undefined {
  const header = headers['iothub-errorcode'];
  const name = typeof header === 'string' ? header : readErrorBody(JSON.stringify(body ?? '')).code;
  return name !== undefined && /^[A-Za-z0-9]{1,60}$/.test(name) ? name : undefined;
}

/** Status and error name, such as `404 DeviceNotFound`. */
export function shortly(reply: HubReply): string {
  const name = errorNameOf(reply);
  return name === undefined ? String(reply.status) : `${reply.status} ${name}`;
}

/** Why a reply cannot be judged, since the hub did not process the request; undefined if it can be judged. */
function noAnswerReason(reply: HubReply): string | undefined {
  const name = errorNameOf(reply);
  const isAway = reply.status >= 500 || reply.status === 408 || name === 'IotHubFailingOver' || name === '404012';
  const isQuota = reply.status === 403 && (name === 'IotHubQuotaExceeded' || name === '403002');
  return isAway || isQuota ? `the hub refused with ${shortly(reply)}` : undefined;
}

async function sleepUnlessInterrupted(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw new Interrupted();
  try {
    await clock.sleep(delayMs, signal);
  } catch (error) {
    if (signal.aborted) throw new Interrupted();
    throw error;
  }
}
