import type { Clock } from '../../shared/clock.ts';
import type { WorkerBench } from './workerBench.ts';

type Deps = WorkerBench['deps'];

/** A process that `kill` ends as `kill -9` does: nothing that it called or waited for ever returns to it. */
export class MortalProcess {
  readonly deps: Deps;
  private isDead = false;

  constructor(deps: Deps) {
    const { clock, documents, leases, pending, wakeUps, registry } = deps;
    this.deps = {
      ...deps,
      clock: this.clock(clock),
      documents: this.mortal(documents),
      leases: this.mortal(leases),
      pending: this.mortal(pending),
      wakeUps: this.mortal(wakeUps),
      registry: this.mortal(registry),
    };
  }

  kill(): void {
    this.isDead = true;
  }

  private async alive<T>(result: Promise<T>): Promise<T> {
    const value = await result;
    return this.isDead ? new Promise<never>(() => undefined) : value;
  }

  private clock(clock: Clock): Clock {
    const elapsedMs = () => clock.elapsedMs();
    return { now: () => clock.now(), elapsedMs, sleep: (delayMs, signal) => this.alive(clock.sleep(delayMs, signal)) };
  }

  /** The store as the process sees it: calls have no effect after its death; a call under way may have had its effect. */
  mortal<Store extends object>(store: Store): Store {
    return new Proxy(store, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          await this.alive(Promise.resolve());
          const result: unknown = await this.alive(Promise.resolve(value.apply(target, args)));
          const isHandle = typeof result === 'object' && result !== null && ('renew' in result || 'move' in result);
          return isHandle ? this.mortal(result) : result;
        };
      },
    });
  }
}
