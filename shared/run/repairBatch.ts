import type { Clock } from '../clock.ts';
import type { ModuleName } from '../hub/registry.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import { pairKey } from '../reconcile/moduleChange.ts';
import { type ModuleOutcome, outcomeFacts } from '../reconcile/outcome.ts';
import type { Documents } from '../storage/documents.ts';
import { errorFields, type Log } from '../telemetry/log.ts';
import { flappingRepairs, noteRepairs, readFlappingModules, widelyFlapping } from './repairs.ts';

interface RepairDeps {
  documents: Documents;
  clock: Pick<Clock, 'now'>;
  log: Log;
}

/**
 * The repairs of one batch of devices of one hub: says which modules are left out because they flap, and notes those that were
 * repaired. No method throws: if the stored list cannot be read, every module is repaired.
 */
export class RepairBatch {
  private readonly deps: RepairDeps;
  private readonly hub: string;
  private readonly flapping: ReadonlySet<string>;
  private readonly widely: ReadonlySet<string>;
  private readonly repaired: ModuleName[] = [];

  private constructor(deps: RepairDeps, hub: string, flapping: readonly ModuleName[]) {
    this.deps = deps;
    this.hub = hub;
    this.flapping = new Set(flapping.map(pairKey));
    this.widely = widelyFlapping(flapping);
  }

  /** Reads which modules of the hub flap now. */
  static async begin(deps: RepairDeps, hub: string): Promise<RepairBatch> {
    const { documents, clock, log } = deps;
    try {
      return new RepairBatch(deps, hub, await readFlappingModules(documents, hub, clock.now()));
    } catch (error) {
      log.warn('The list of repairs could not be read', { hub, ...errorFields(error) });
      return new RepairBatch(deps, hub, []);
    }
  }

  /** Whether events must not repair the module. */
  isFlapping(module: ModuleName): boolean {
    return this.flapping.has(pairKey(module)) || this.widely.has(module.moduleId);
  }

  /** The specs whose modules may be repaired on this device. */
  policyFor(deviceId: string, policy: Policy): Policy {
    return policy.filter(({ moduleId }) => !this.isFlapping({ deviceId, moduleId }));
  }

  /** Adds the outcomes that changed the hub to the repairs that `save` stores. */
  add(deviceId: string, outcomes: readonly ModuleOutcome[]): void {
    const changed = outcomes.filter(({ outcome }) => outcomeFacts[outcome].changed);
    this.repaired.push(...changed.map(({ moduleId }) => ({ deviceId, moduleId })));
  }

  /** Stores the repairs, and logs each module that flaps from now on. Call it once, at the end of the batch. */
  async save(): Promise<void> {
    const { documents, clock, log } = this.deps;
    const { hub, repaired } = this;
    if (repaired.length === 0) return;
    try {
      const { flapping, added } = await noteRepairs(documents, hub, repaired, clock.now());
      for (const module of added) {
        log.warn('A module flaps; events do not repair it for a day', { hub, repairs: flappingRepairs, ...module });
      }
      for (const moduleId of widelyFlapping(flapping)) {
        if (this.widely.has(moduleId)) continue;
        log.warn('So many modules of one id flap that events repair none of them for a day', { hub, moduleId });
      }
    } catch (error) {
      log.warn('Repairs could not be noted', { hub, repairs: repaired.length, ...errorFields(error) });
    }
  }
}
