import { abortable, withTimeout } from '../abort.ts';
import type { Clock, Random } from '../clock.ts';
import { HubError, isHubError } from './hubError.ts';
import { operations } from './operations.ts';
import { retryDelayMs } from './retryDelay.ts';

/** The hub has not responded for so long that the worker ends its slice and tries again later. Not the failure of a device. */
export class HubOutageError extends Error {
  /** The error of the last probe; undefined if no probe has failed yet, because the hub does not respond at all. */
  readonly probeError: HubError | undefined;

  constructor(hub: string, probeError: HubError | undefined) {
    super(`Hub ${hub} is unavailable: ${probeError === undefined ? 'no response' : probeError.message}.`);
    this.name = 'HubOutageError';
    this.probeError = probeError;
  }
}

/** What a `HubOutage` needs. */
export interface HubOutageOptions {
  hub: string;
  clock: Clock;
  random: Random;
  /** When it is aborted, every wait rejects with its reason. */
  signal: AbortSignal;
  /** True if the previous slice ended because of an outage of the hub; the first call of this slice is then the probe. */
  wasOut?: boolean;
  /** Resolves when a probe may be sent, such as when the budget has paid for it. */
  beforeProbe(): Promise<void>;
  /** A cheap call that does not concern a device, `countDevices`; throws `HubError`. */
  probe(): Promise<unknown>;
  /** Called with the reason when an outage starts, and with undefined when it is over. */
  onChange(reason: string | undefined): Promise<void>;
}

/**
 * A slice ends if the hub has not responded for this time, so that other hubs can be served. A throttled hub may hold a request
 * for longer (`connectHub.ts`) and is then left too: that costs a pause, and no device counts as failed.
 */
const limitMs = 20_000;
const firstDelayMs = 1_000;

/**
 * Decides, from the calls of one slice, whether the hub has an outage. A call that failed as `unavailable` is the failure of its
 * own device if the hub has responded to another call since it was sent. Otherwise one probe for all callers is repeated, with
 * growing delays, until the hub responds.
 */
export class HubOutage {
  private readonly options: HubOutageOptions;
  private readonly tooLong = new AbortController();
  private readonly finished = new AbortController();
  private servedAtMs: number | undefined;
  private checking: Promise<boolean> | undefined;
  private probeError: HubError | undefined;
  private isOut = false;
  private firstCallTimer: Promise<void> | undefined;

  constructor(options: HubOutageOptions) {
    this.options = options;
    this.isOut = options.wasOut === true;
  }

  /**
   * Aborted with a `HubOutageError` if the hub responds to no call in the first 20 s after a call was sent, or does not respond
   * to a probe within 20 s, or fails all probes for 20 s.
   */
  get leave(): AbortSignal {
    return this.tooLong.signal;
  }

  /** Whether the hub has responded to a call in this slice. */
  get hasServed(): boolean {
    return this.servedAtMs !== undefined;
  }

  /** Ends the timer; to be called at the end of the slice. */
  async close(): Promise<void> {
    this.finished.abort();
    await this.firstCallTimer;
  }

  /** To be awaited before a call. Resolves at once, or in an outage when the outage ends. Rejects with the signal's reason. */
  async untilServed(signal: AbortSignal): Promise<void> {
    if (!this.isOut) return;
    await abortable(this.check(), signal);
  }

  /** To be called when a call is sent. */
  sent(): void {
    this.firstCallTimer ??= this.leaveIfNeverServed();
  }

  /** To be called when the hub has responded to a call, also with a refusal. */
  served(): void {
    this.servedAtMs = this.options.clock.elapsedMs();
  }

  /**
   * To be called when a call that was sent at `sentAtMs` failed as `unavailable`. Resolves with true if it is the failure of the
   * call's own device. In an outage, resolves with false when the outage ends. Rejects with the signal's reason.
   */
  async isOwnFailure(sentAtMs: number): Promise<boolean> {
    return this.hasServedSince(sentAtMs) || this.check();
  }

  private hasServedSince(sentAtMs: number): boolean {
    return this.servedAtMs !== undefined && this.servedAtMs >= sentAtMs;
  }

  /** Concurrent callers share one check. */
  private check(): Promise<boolean> {
    this.checking ??= this.waitOut().finally(() => {
      this.checking = undefined;
    });
    return this.checking;
  }

  /** Probes until the hub responds. Resolves with true if it responded to the first probe. */
  private async waitOut(): Promise<boolean> {
    const { clock, random, signal, hub, onChange } = this.options;
    const startMs = clock.elapsedMs();
    const waiting = AbortSignal.any([signal, this.leave]);
    for (let attempt = 0; ; attempt++) {
      if (await this.probeServes(waiting)) {
        if (this.isOut) await onChange(undefined);
        this.isOut = false;
        return attempt === 0;
      }
      if (attempt === 0) await onChange(this.probeError?.message);
      this.isOut = true;
      const leftMs = startMs + limitMs - clock.elapsedMs();
      if (leftMs <= 0) this.tooLong.abort(new HubOutageError(hub, this.probeError));
      await clock.sleep(Math.min(retryDelayMs(firstDelayMs, attempt, random), Math.max(leftMs, 0)), waiting);
    }
  }

  private async probeServes(waiting: AbortSignal): Promise<boolean> {
    const { hub, clock, beforeProbe, probe } = this.options;
    await abortable(beforeProbe(), waiting);
    const sentAtMs = clock.elapsedMs();
    const onTimeout = () =>
      new HubError(hub, operations.countDevices.name, { kind: 'unavailable', code: 'NoResponse' });
    this.sent();
    try {
      await abortable(withTimeout({ limitMs, what: 'A probe', clock, onTimeout }, probe), waiting);
    } catch (error) {
      if (!isHubError(error)) throw error;
      if (error.kind === 'unavailable') {
        this.probeError = error;
        return this.hasServedSince(sentAtMs);
      }
    }
    this.served();
    return true;
  }

  /** Calls to a hub that does not respond fail only after `defaultIdleTimeoutMs`; this ends the slice earlier. */
  private async leaveIfNeverServed(): Promise<void> {
    const { clock, hub } = this.options;
    try {
      await clock.sleep(limitMs, this.finished.signal);
    } catch (error) {
      if (!this.finished.signal.aborted) throw error;
      return;
    }
    if (!this.hasServed) this.tooLong.abort(new HubOutageError(hub, this.probeError));
  }
}
