import type { ModuleOutcome } from '../reconcile/outcome.ts';
import { recordDevice } from '../reconcile/recordOutcomes.ts';
import type { PendingDevice } from '../storage/queues.ts';
import { inSpan, type Span, type Telemetry } from '../telemetry/telemetry.ts';

/**
 * One span per device of a batch. Its parent is the event that made the device pending, so that one operation shows all that
 * happened to the device. A call for several devices is a span of the worker's operation, with links to the devices' spans.
 */
export class PendingSpans {
  private readonly hub: string;
  private readonly telemetry: Telemetry;
  private readonly active = new Map<string, { span: Span; eventTime: string | undefined }>();

  constructor(hub: string, telemetry: Telemetry) {
    this.hub = hub;
    this.telemetry = telemetry;
  }

  /** Runs `work` within the device's span, which is started at its first use. */
  within<T>(device: PendingDevice, work: () => T): T {
    return this.telemetry.within(this.spanOf(device).span, work);
  }

  /** Runs one call that is made for all of these devices. */
  call<T>(devices: readonly PendingDevice[], work: () => Promise<T>): Promise<T> {
    const [only, ...others] = devices;
    if (only && others.length === 0) return this.within(only, work);
    const links = devices.map((device) => this.spanOf(device).span.traceparent).filter((link) => link !== undefined);
    const attributes = { hub: this.hub, devices: devices.length };
    return inSpan(this.telemetry, 'create modules of pending devices', { links, attributes }, work);
  }

  /** Records the device's outcomes in its span and in the metrics. */
  record(device: PendingDevice, outcomes: readonly ModuleOutcome[], nowMs: number): void {
    const { span, eventTime } = this.spanOf(device);
    const deps = { telemetry: this.telemetry, clock: { now: () => nowMs } };
    this.telemetry.within(span, () => recordDevice(deps, { hub: this.hub, path: 'pending' }, outcomes, eventTime));
  }

  /** Ends the device's span. */
  end({ deviceId }: PendingDevice): void {
    this.active.get(deviceId)?.span.end();
    this.active.delete(deviceId);
  }

  /** Ends all remaining spans. */
  endAll(): void {
    for (const { span } of this.active.values()) span.end();
    this.active.clear();
  }

  private spanOf({ deviceId, tries, origin }: PendingDevice): { span: Span; eventTime: string | undefined } {
    const existing = this.active.get(deviceId);
    if (existing) return existing;
    const worker = this.telemetry.current();
    const span = this.telemetry.startSpan('reconcile pending device', {
      parent: origin?.traceparent,
      links: worker === undefined ? [] : [worker],
      attributes: { hub: this.hub, deviceId, tries },
    });
    const started = { span, eventTime: origin?.eventTime };
    this.active.set(deviceId, started);
    return started;
  }
}
