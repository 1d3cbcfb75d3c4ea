import type { HubConfig } from '../../../shared/config/config.ts';
import type { HubErrorKind } from '../../../shared/hub/hubError.ts';
import { type AdmitDeps, admitDevice } from '../../../shared/intake/admitDevice.ts';
import { IntakeLimiter } from '../../../shared/intake/intakeLimiter.ts';
import type { Policy } from '../../../shared/policy/moduleSpec.ts';
import type { RolloutStates } from '../../../shared/policy/rollout.ts';
import { noTelemetry } from '../../../shared/telemetry/telemetry.ts';
import { FakeClock } from '../../support/fakeClock.ts';
import { FakeHub, type Operation } from '../../support/fakeHub.ts';
import { MemoryLog } from '../../support/memoryLog.ts';
import { MemoryDocuments, MemoryLeases, MemoryPending, MemoryWakeUps } from '../../support/memoryStorage.ts';
import { fixedPolicy, spec } from '../../support/policy.ts';
import { hubConfig } from '../hub/hubConfig.ts';

export const name = 'contoso';

/** `admitDevice` with a hub and storage in memory. */
export class IntakeBench {
  readonly clock = new FakeClock();
  readonly hub = new FakeHub(this.clock);
  readonly documents = new MemoryDocuments();
  readonly leases = new MemoryLeases(this.clock);
  readonly pending = new MemoryPending(this.clock);
  readonly wakeUps = new MemoryWakeUps(this.clock);
  readonly log = new MemoryLog();
  readonly limiter: IntakeLimiter;
  deps: AdmitDeps;
  full = false;
  rollouts: RolloutStates | undefined;

  constructor(config: Partial<HubConfig> = {}, policy: Policy = [spec()]) {
    const hub = hubConfig(config);
    this.limiter = new IntakeLimiter(hub, this);
    this.deps = {
      hub,
      registry: this.hub.registry(),
      policies: fixedPolicy(policy),
      limiter: this.limiter,
      cachedLeases: this.leases,
      leases: this.leases,
      isNearlyFull: async () => this.full,
      rollouts: async () => this.rollouts,
      pending: this.pending,
      wakeUps: this.wakeUps,
      clock: this.clock,
      log: this.log,
      telemetry: noTelemetry,
    };
  }

  admit(deviceId = 'a'): Promise<void> {
    return this.clock.run(admitDevice(this.deps, deviceId));
  }

  /** Makes the hub refuse one operation from now on. */
  refuse(operation: Operation, kind: HubErrorKind, status = 400): void {
    this.hub.onCall = (made) => {
      if (made === operation) throw this.hub.error(kind, { status });
    };
  }

  /** Ids of all pending devices, visible or hidden. */
  get pendingIds(): string[] {
    return this.pending.deviceIds(name);
  }
}

/** A bench whose hub has the device `a`. */
export function withDevice(bench = new IntakeBench()): IntakeBench {
  bench.hub.addDevice('a');
  return bench;
}
