import { abortable } from '../abort.ts';
import type { Clock, Random } from '../clock.ts';
import { type HubError, isHubError } from './hubError.ts';
import { retryDelayMs } from './retryDelay.ts';

/** The hub has served no call for so long that the worker leaves it and comes back later. No device is to blame. */
export class HubOutageError extends Error {
  /** What the hub's last probe failed with; undefined where the hub did not respond at all. */
  readonly probeError: HubError | undefined;

  constructor(hub: string, probeError: HubError | undefined) {
    super(`Hub ${hub} is unavailable: ${probeError === undefined ? 'no response' : probeError.message}.`);
    this.name = 'HubOutageError';
    this.probeError = probeError;
  }
}

export interface HubOutageOptions {
  hub: string;
  clock: Clock;
  random: Random;
  /** Ends every wait, with its reason. */
  signal: AbortSignal;
  /** The previous slice ended because of an outage of the hub, so the first call of this slice is the probe. */
  wasOut?: boolean;
  /** A cheap call that does not concern a device; throws `HubError`. */
  probe(): Promise<unknown>;
  /** Called with the reason when an outage starts, and with undefined when it is over. */
  onChange(reason: string | undefined): Promise<void>;
}

/** A slice leaves a hub that has served nothing for this long, so that the other hubs of the process get their turn. */
const limitMs = 20_000;
const firstDelayMs = 1_000;

/**
 * Whether a hub serves anybody, as the calls of one slice see it. A failed call is its device's own failure only if the hub
 * served another call meanwhile; where none did, one probe for all asks, with growing pauses, until the hub serves again.
 */
export class HubOutage {
  private readonly options: HubOutageOptions;
  private readonly tooLong = new AbortController();
  private readonly finished = new AbortController();
  private servedAtMs: number | undefined;
  private checking: Promise<boolean> | undefined;
  private probeError: HubError | undefined;
  private isOut = false;
  private firstCall: Promise<void> | undefined;

  constructor(options: HubOutageOptions) {
    this.options = options;
    this.isOut = options.wasOut === true;
  }

  /** Aborted with a `HubOutageError` once the hub has served nothing for 20 s. */
  get leave(): AbortSignal {
    return this.tooLong.signal;
  }

  /** Whether the hub has served a call in this slice. */
  get hasServed(): boolean {
    return this.servedAtMs !== undefined;
  }

  /** Ends the timer; to be called at the end of the slice. */
  async close(): Promise<void> {
    this.finished.abort();
    await this.firstCall;
  }

  /** To be awaited before a call: resolves at once, or in an outage when it is over. Rejects with the signal's reason. */
  async untilServed(signal: AbortSignal): Promise<void> {
    if (!this.isOut) return;
    this.sent();
    await abortable(this.check(), signal);
  }

  /** To be called when a call is sent. */
  sent(): void {
    this.firstCall ??= this.leaveIfNeverServed();
  }

  /** The hub responded to a call, be it by a refusal. */
  served(): void {
    this.servedAtMs = this.options.clock.elapsedMs();
  }

  /**
   * To be called when a call that was sent at `sentAtMs` failed as `unavailable`. Resolves with true if that is the failure of
   * the call's own device; with false, once the hub serves again, if it was an outage. Rejects with the signal's reason.
   */
  async isOwnFailure(sentAtMs: number): Promise<boolean> {
    if (this.servedAtMs !== undefined && this.servedAtMs >= sentAtMs) return true;
    return this.check();
  }

  /** Concurrent callers share one check. */
  private check(): Promise<boolean> {
    this.checking ??= this.waitOut().finally(() => {
      this.checking = undefined;
    });
    return this.checking;
  }

  /** Resolves with true if the first probe was served. */
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
    try {
      await abortable(this.options.probe(), waiting);
    } catch (error) {
      if (!isHubError(error)) throw error;
      if (error.kind === 'unavailable') {
        this.probeError = error;
        return false;
      }
    }
    this.served();
    return true;
  }

  /** Calls to a hub that hangs fail only after a minute (`defaultIdleTimeoutMs`): a slice does not wait for that. */
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
