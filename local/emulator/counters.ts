/** What the hub was asked and what it answered, since it started. */
export interface CounterReport {
  /** Requests by operation and then by status, `{"putModule":{"200":7}}`. A dropped connection counts as `none`. */
  requests: { [operation: string]: { [status: string]: number } };
  /** Registry operations as the throttle counts them: a bulk call counts once for each identity. */
  registryOperations: number;
  devicesCreated: number;
  modulesCreated: number;
  throttled: number;
}

export class Counters {
  private readonly requests = new Map<string, Map<string, number>>();
  private registryOperations = 0;

  countRequest(operation: string, status: number | undefined): void {
    const byStatus = this.requests.get(operation) ?? new Map<string, number>();
    const key = status === undefined ? 'none' : String(status);
    byStatus.set(key, (byStatus.get(key) ?? 0) + 1);
    this.requests.set(operation, byStatus);
  }

  countRegistryOperations(count: number): void {
    this.registryOperations += count;
  }

  report(created: { devices: number; modules: number }): CounterReport {
    let throttled = 0;
    for (const byStatus of this.requests.values()) throttled += byStatus.get('429') ?? 0;
    return {
      requests: Object.fromEntries([...this.requests].map(([name, byStatus]) => [name, Object.fromEntries(byStatus)])),
      registryOperations: this.registryOperations,
      devicesCreated: created.devices,
      modulesCreated: created.modules,
      throttled,
    };
  }
}
