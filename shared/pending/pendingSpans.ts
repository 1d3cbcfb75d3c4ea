import type { ModuleOutcome } from '../reconcile/outcome.ts';
import { recordDevice } from '../reconcile/recordOutcomes.ts';
import type { PendingDevice } from '../storage/queues.ts';
import { inSpan, type Span, type Telemetry } from '../telemetry/telemetry.ts';

/**
 * A span for each device of a batch of pending ones. It belongs to the operation of the event that left the device, so that
 * one operation shows the whole way of a device; what the worker does for many devices at once belongs to its own, with
 * links to theirs.
 */
export class PendingSpans {
  private readonly hub: string;
  private readonly telemetry: Telemetry;
  private readonly open = new Map<string, { span: Span; eventTime: string | undefined }>();

  constructor(hub: string, telemetry: Telemetry) {
    this.hub = hub;
    this.telemetry = telemetry;
  }

  /** Runs `work` within the device's span, which is begun when it is first asked for. */
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

  /** What came of the device. */
  record(device: PendingDevice, outcomes: readonly ModuleOutcome[], nowMs: number): void {
    const { span, eventTime } = this.spanOf(device);
    const deps = { telemetry: this.telemetry, clock: { now: () => nowMs } };
    this.telemetry.within(span, () => recordDevice(deps, { hub: this.hub, path: 'pending' }, outcomes, eventTime));
  }

  /** The batch is over for this device. */
  end({ deviceId }: PendingDevice): void {
    this.open.get(deviceId)?.span.end();
    this.open.delete(deviceId);
  }

  /** The batch is over; devices that are left will be taken again. */
  endAll(): void {
    for (const { span } of this.open.values()) span.end();
    this.open.clear();
  }

  private spanOf({ deviceId, tries, origin }: PendingDevice): { span: Span; eventTime: string | undefined } {
    const known = this.open.get(deviceId);
    if (known) return known;
    const worker = this.telemetry.current();
    const span = this.telemetry.startSpan('reconcile pending device', {
      parent: origin?.traceparent,
      links: worker === undefined ? [] : [worker],
      attributes: { hub: this.hub, deviceId, tries },
    });
    const begun = { span, eventTime: origin?.eventTime };
    this.open.set(deviceId, begun);
    return begun;
  }
}
