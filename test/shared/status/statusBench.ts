import type { HubConfig, HubOutOfService } from '../../../shared/config/config.ts';
import { policyInForce } from '../../../shared/policy/policyInForce.ts';
import { readStatus } from '../../../shared/status/readStatus.ts';
import { cachedDocuments } from '../../../shared/storage/cachedDocuments.ts';
import { WorkerBench } from '../../support/workerBench.ts';

/** One hub with a worker, and the status of it and of other hubs on the same storage. */
export class StatusBench extends WorkerBench {
  otherHubs: HubConfig[] = [];
  outOfService: HubOutOfService[] = [];
  isSweepDisabled = false;

  constructor() {
    super();
    this.hub.reachesDisabledDevices = false;
  }

  /** Calls to the hub so far. */
  get hubCalls(): number {
    return this.hub.calls.length;
  }

  get statusDeps(): Parameters<typeof readStatus>[0] {
    const hubs = [this.config, ...this.otherHubs];
    const config = { hubs, outOfService: this.outOfService, warnings: [] };
    const inForce = policyInForce(this.policy, 'default');
    return {
      ...this.deps,
      config: config as never,
      hubs: new Map(hubs.map((hub) => [hub.name, { hub }])) as never,
      policies: { standing: async () => ({ inForce: { ...inForce, written: [] }, problems: [], etag: undefined }) },
      hubDocuments: cachedDocuments(this.documents, ['hubs/', 'recent/']),
      cachedLeases: this.leases,
      version: '1.2.3',
      schedule: '0 0 2 * * *',
      isSweepDisabled: this.isSweepDisabled,
    };
  }

  async status() {
    return this.clock.run(readStatus(this.statusDeps));
  }

  /** The row of the hub `contoso`. */
  async row() {
    const [row] = (await this.status()).hubs;
    if (!row) throw new Error('no row');
    return row;
  }
}
