import { opensAtMs } from '../policy/maintenanceWindow.ts';
import type { Policy } from '../policy/moduleSpec.ts';
import type { Run } from '../run/run.ts';

/** The windows of a module have closed before a change was sent; the change is still to be made. */
export class WindowClosedError extends Error {
  constructor(moduleId: string) {
    super(`The windows of module ${moduleId} are closed.`);
    this.name = 'WindowClosedError';
  }
}

/** Which modules a run may not change now, because their windows are closed. A dry run changes nothing, so nothing holds it. */
export class RunWindows {
  private readonly opensAt: ReadonlyMap<string, (nowMs: number) => number>;

  constructor(policy: Policy, { dryRun }: Pick<Run, 'dryRun'>) {
    const held = dryRun ? [] : policy.filter(({ windows }) => windows !== undefined);
    this.opensAt = new Map(held.map(({ moduleId, windows }) => [moduleId, (nowMs) => opensAtMs(windows, nowMs)]));
  }

  /** The modules whose windows are closed, each with its next opening; milliseconds since 1970. */
  closed(nowMs: number): ReadonlyMap<string, number> {
    const openings = [...this.opensAt].map(([moduleId, opensAt]) => [moduleId, opensAt(nowMs)] as const);
    return new Map(openings.filter(([, atMs]) => atMs > nowMs));
  }

  /** Throws `WindowClosedError` if one of the modules must not be changed now. */
  throwIfClosed(moduleIds: readonly string[], nowMs: number): void {
    if (this.opensAt.size === 0) return;
    const closed = this.closed(nowMs);
    const moduleId = moduleIds.find((id) => closed.has(id));
    if (moduleId !== undefined) throw new WindowClosedError(moduleId);
  }
}
